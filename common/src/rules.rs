use crate::Severity;

/// The detail of a rule besides its name (the other segment, the section), as a number for C.
pub trait Detail: Copy {
    /// The number of the value.
    fn number(self) -> u32;

    /// The value with a number.
    fn from_number(number: u32) -> Option<Self>;
}

/// A rule as declared in its table: for C, for documentation, for tests over all rules.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The number, which is a status code in C. Never reused for another rule.
    pub number: i32,
    /// The name of the constant in C.
    pub constant: &'static str,
    /// Whether a file that breaks the rule is refused.
    pub severity: Severity,
    /// The stable name for programs, in snake case.
    pub code: &'static str,
    /// A sentence without numbers, for C.
    pub sentence: &'static str,
    /// The meaning of the rule, for documentation.
    pub meaning: &'static str,
}

/// Declares the rules of a format, each in one row: the enum, its severities, codes, numbers for C, sentences and
/// explanations.
///
/// ```
/// execfmt_common::rules! {
///     /// What can be wrong with a greeting.
///     pub enum GreetingRule for &'static str, in greeting_facts {
///         /// The first byte is not `H`.
///         BadFirst = 9000, EXECFMT_GREETING_E_FIRST, Error, "bad_first", "greeting: it does not begin with H",
///             |finding, f| write!(f, "{:#x} is not 'H'", finding.found);
///         /// Another letter is repeated; the letter is named.
///         Repeated(letter: Letter) = 9001, EXECFMT_GREETING_W_REPEATED, Warning, "repeated", "greeting: a letter is repeated",
///             |finding, f| write!(f, "{letter:?} appears {} times", finding.found);
///     }
/// }
/// # #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
/// # pub enum Letter { A }
/// # impl execfmt_common::Detail for Letter {
/// #     fn number(self) -> u32 { 1 }
/// #     fn from_number(number: u32) -> Option<Self> { (number == 1).then_some(Self::A) }
/// # }
/// use execfmt_common::{Expected, Finding, Rule, Severity};
///
/// let finding = Finding { rule: GreetingRule::Repeated(Letter::A), field: "text", offset: 3, found: 2, expected: Expected::AtMost(1) };
/// assert_eq!(finding.to_string(), "text at byte 3: A appears 2 times");
/// assert_eq!((finding.rule.number(), finding.rule.detail(), finding.rule.code()), (9001, 1, "repeated"));
/// assert_eq!(GreetingRule::from_number(9001, 1), Some(finding.rule));
/// assert_eq!(GreetingRule::BadFirst.severity(), Severity::Error);
/// assert_eq!(GreetingRule::TABLE.len(), 2);
/// ```
///
/// A row is: documentation (the meaning); name and, if any, the type of its detail (a
/// [`Detail`](crate::Detail)); number, constant and sentence for C; severity; code; the explanation, which
/// puts the finding's numbers into a sentence, without field, offset and closing full stop; and, after
/// `advice`, an optional [`Advice`](crate::Advice), for which finding and detail are in scope
/// (`Option<Advice>` by `.into()`).
///
/// The module named after `in` holds the constants for C, and the severities as constants by the rules'
/// names, for conditions that must vanish at compile time. A format's sentences are one string, each
/// terminated by a NUL: because it contains NULs, no linker merges it with the texts of other formats, so
/// only programs that use it contain it. [`TABLE`](crate::Rule::TABLE) contains all of the documentation; at
/// run time use [`NUMBERS`](crate::Rule::NUMBERS) and [`SENTENCES`](crate::Rule::SENTENCES).
#[macro_export]
macro_rules! rules {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $Rule:ident for $Field:ty, in $facts:ident {
            $(
                $(#[doc = $doc:literal])+
                $name:ident $(($detail:ident: $Detail:ty))? = $number:literal, $constant:ident, $severity:ident, $code:literal, $sentence:literal,
                |$finding:pat_param, $f:ident| $explain:expr $(, advice $advice:expr)?;
            )+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        $visibility enum $Rule {
            $($(#[doc = $doc])+ $name $(($Detail))?,)+
        }

        impl $Rule {
            /// The rule's number, which is a status code in C.
            pub const fn number(self) -> i32 {
                match self {
                    $(Self::$name { .. } => $number,)+
                }
            }

            /// Whether a file that breaks the rule is refused.
            pub const fn severity(self) -> $crate::Severity {
                match self {
                    $(Self::$name { .. } => $crate::Severity::$severity,)+
                }
            }

            /// The stable name of the rule in snake case, for programs to act on.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name { .. } => $code,)+
                }
            }
        }

        impl $crate::Rule for $Rule {
            type Field = $Field;

            const TABLE: &'static [$crate::Row] = &[$($crate::Row {
                number: $number,
                constant: stringify!($constant),
                severity: $crate::Severity::$severity,
                code: $code,
                sentence: $sentence,
                meaning: concat!($($doc),+),
            }),+];

            const NUMBERS: &'static [i32] = &[$($number),+];

            const SENTENCES: &'static str = concat!($($sentence, "\0"),+);

            fn code(self) -> &'static str {
                self.code()
            }

            fn severity(self) -> $crate::Severity {
                self.severity()
            }

            fn number(self) -> i32 {
                self.number()
            }

            fn detail(self) -> u32 {
                match self {
                    $(Self::$name $(($detail))? => $crate::rules!(@number $($detail)?),)+
                }
            }

            fn from_number(number: i32, detail: u32) -> Option<Self> {
                match number {
                    $($number => $crate::rules!(@rule detail, $name $(, $Detail)?),)+
                    _ => None,
                }
            }

            #[allow(unused_variables)]
            fn explain(finding: &$crate::Finding<Self>, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match finding.rule {
                    $(Self::$name $(($detail))? => {
                        let ($finding, $f) = (finding, f);
                        $explain
                    })+
                }
            }

            #[allow(unused_variables)]
            fn advice(finding: &$crate::Finding<Self>) -> Option<$crate::Advice> {
                match finding.rule {
                    $(Self::$name $(($detail))? => {
                        let $finding = finding;
                        $crate::rules!(@advice $($advice)?)
                    })+
                }
            }
        }

        /// The rules' numbers as constants of C, and their severities as constants of Rust.
        #[allow(missing_docs)]
        $visibility mod $facts {
            $($(#[doc = $doc])+ pub const $constant: i32 = $number;)+

            /// The severities, by the names of the rules.
            #[allow(non_upper_case_globals)]
            pub mod severity {
                $(pub const $name: $crate::Severity = $crate::Severity::$severity;)+
            }
        }
    };
    (@number $detail:ident) => { $crate::Detail::number($detail) };
    (@number) => { 0 };
    (@rule $detail:ident, $name:ident, $Detail:ty) => { <$Detail as $crate::Detail>::from_number($detail).map(Self::$name) };
    (@rule $detail:ident, $name:ident) => { if $detail == 0 { Some(Self::$name) } else { None } };
    (@advice $advice:expr) => { ($advice).into() };
    (@advice) => { None };
}
