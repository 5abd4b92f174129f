//! What a finding of any format answers, and what a check does with its findings.

use core::ops::ControlFlow;

use execfmt_common::{Advice, AnyFinding, Detail, Expected, Finding, Listing, MAX_LISTED, Rule, Severity};

/// A detail of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Letter {
    /// The first.
    A,
    /// The second.
    B,
}

impl Detail for Letter {
    fn number(self) -> u32 {
        match self {
            Self::A => 10,
            Self::B => 20,
        }
    }

    fn from_number(number: u32) -> Option<Self> {
        [Self::A, Self::B].into_iter().find(|letter| letter.number() == number)
    }
}

execfmt_common::rules! {
    /// What can be wrong with a greeting.
    pub enum GreetingRule for &'static str, in greeting_facts {
        /// The first byte is not `H`.
        BadFirst = 9000, EXECFMT_GREETING_E_FIRST, Error, "bad_first", "greeting: it does not begin with H",
            |finding, f| write!(f, "{:#x} is not 'H'", finding.found), advice Advice::MakeAgain;
        /// A letter is repeated.
        Repeated(letter: Letter) = 9001, EXECFMT_GREETING_W_REPEATED, Warning, "repeated", "greeting: a letter is repeated",
            |finding, f| write!(f, "{letter:?} appears {} times", finding.found);
    }
}

const FIRST: Finding<GreetingRule> = Finding {
    rule: GreetingRule::BadFirst,
    field: "text",
    offset: 7,
    found: 0x41,
    expected: Expected::Exactly(0x48),
};
const REPEATED: Finding<GreetingRule> = Finding {
    rule: GreetingRule::Repeated(Letter::B),
    field: "letters",
    offset: 3,
    found: 2,
    expected: Expected::AtMost(1),
};

#[test]
fn a_finding_answers_with_its_rule_and_its_numbers() {
    type Row =
        (&'static dyn AnyFinding, Severity, &'static str, i32, u32, u64, u64, Expected, Option<Advice>);
    let table: [Row; 2] = [
        (
            &FIRST,
            Severity::Error,
            "bad_first",
            9000,
            0,
            7,
            0x41,
            Expected::Exactly(0x48),
            Some(Advice::MakeAgain),
        ),
        (&REPEATED, Severity::Warning, "repeated", 9001, 20, 3, 2, Expected::AtMost(1), None),
    ];
    for (finding, severity, code, number, detail, offset, found, expected, advice) in table {
        assert_eq!((finding.severity(), finding.code(), finding.number()), (severity, code, number));
        assert_eq!((finding.detail(), finding.offset(), finding.found()), (detail, offset, found));
        assert_eq!((finding.expected(), finding.advice()), (expected, advice));
        assert_eq!(GreetingRule::from_number(number, detail).map(|rule| rule.code()), Some(code));
    }
    assert!(FIRST.is_error() && !REPEATED.is_error());
    assert_eq!(FIRST.field_value().downcast_ref(), Some(&"text"));
    assert_eq!((FIRST.field().to_string(), REPEATED.field().to_string()), ("text".into(), "letters".into()));
}

#[test]
fn a_finding_is_a_sentence_with_the_next_step_where_there_is_one() {
    struct Explained<'a>(&'a dyn AnyFinding);
    impl core::fmt::Display for Explained<'_> {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            self.0.explain(f)
        }
    }
    assert_eq!(FIRST.to_string(), "text at byte 7: 0x41 is not 'H'; copy or build it again");
    assert_eq!(REPEATED.to_string(), "letters at byte 3: B appears 2 times");
    assert_eq!(Explained(&FIRST).to_string(), "0x41 is not 'H'");
    assert_eq!(Explained(&REPEATED).to_string(), "B appears 2 times");
}

/// The numbers that a list passed on, the first error, and how many were counted.
fn listed(findings: &[&dyn AnyFinding], most: usize) -> (Vec<i32>, Option<i32>, [u64; 2]) {
    let mut numbers = Vec::new();
    let mut pass_on = |finding: &dyn AnyFinding| {
        numbers.push(finding.number());
        if numbers.len() == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let mut listing = Listing::new(&mut pass_on);
    findings.iter().for_each(|finding| listing.add(*finding));
    let (error, tally) = (listing.first_error(), listing.tally());
    (numbers, error, [tally.errors, tally.warnings])
}

#[test]
fn a_list_passes_on_until_it_is_told_to_stop_and_counts_all() {
    for (findings, most, expected) in [
        (&[][..], 9, (vec![], None, [0, 0])),
        (&[&REPEATED as &dyn AnyFinding][..], 9, (vec![9001], None, [0, 1])),
        (&[&REPEATED, &FIRST, &FIRST], 9, (vec![9001, 9000, 9000], Some(9000), [2, 1])),
        (&[&REPEATED, &FIRST, &FIRST], 1, (vec![9001], Some(9000), [2, 1])),
    ] {
        assert_eq!(listed(findings, most), expected);
    }
}

#[test]
fn a_list_ends_at_the_limit() {
    let many = vec![&REPEATED as &dyn AnyFinding; 1003];
    let (numbers, error, counted) = listed(&many, usize::MAX);
    assert_eq!((numbers.len() as u64, error, counted), (MAX_LISTED, None, [0, 1003]));
}

#[test]
fn the_first_error_stays_the_first() {
    execfmt_common::rules! {
        /// The rules of another format.
        pub enum OtherRule for &'static str, in other_facts {
            /// One.
            One = 9100, EXECFMT_OTHER_E_ONE, Error, "one", "other: one", |_finding, f| f.write_str("one");
        }
    }
    let one = Finding {
        rule: OtherRule::One,
        field: "text",
        offset: 0,
        found: 0,
        expected: Expected::AnythingBut(0),
    };
    assert_eq!(listed(&[&REPEATED, &one, &FIRST], 9).1, Some(9100));
    assert_eq!(listed(&[&FIRST, &one], 9).1, Some(9000));
}
