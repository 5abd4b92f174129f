//! What holds after the calls.

use coyotos_image::space::GptSource;
use coyotos_image::{
    BuildError, Builder, CapType, Capability, CoyotosRule, Image, ObjectType, Options, Rules, check, deflate,
    inflate,
};

use super::{Mapped, Run};
use crate::coyotos_account::{ARCHS, has_cycle, walked};
use crate::coyotos_to_elf::to_elf;
use crate::words;

/// More GPTs than the calls of a run can make, and enough to see what a walk of a tangle does.
const ALL_GPTS: u64 = 1 << 16;
const SOME_GPTS: u64 = 64;
/// The most pages of a space that is walked after every call, and not at the end only.
const FEW_PAGES: usize = 8;

/// What a walk finds, lookups of the same addresses agreeing with it.
fn mapped_in<S: GptSource>(source: &S, root: Capability) -> Vec<(u64, Mapped)> {
    let (mappings, error) = walked(source, root, ALL_GPTS);
    assert_eq!(error, None, "the walk of a sound space");
    let mapped = |restr, cap| Mapped { restr, ..Mapped::of(cap) };
    mappings.into_iter().map(|found| (found.address, mapped(found.restr, found.capability))).collect()
}

impl Run<'_, '_> {
    pub(super) fn mapped(&self, root: Capability) -> Vec<(u64, Mapped)> {
        mapped_in(&self.builder, root)
    }

    /// A space holds what its account says, and nothing else.
    pub(super) fn demand_space(&self, at: usize) {
        if self.spaces[at].pages.len() <= FEW_PAGES {
            self.demand(&self.builder, at);
        }
    }

    fn demand<S: GptSource>(&self, source: &S, at: usize) {
        let space = &self.spaces[at];
        if self.wild {
            walked(source, space.root, SOME_GPTS);
            return;
        }
        let account = space.pages.iter().map(|(&address, &mapped)| (address, mapped));
        let found = mapped_in(source, space.root);
        assert!(found.iter().copied().eq(account.clone()), "{found:x?}\n{:x?}", account.collect::<Vec<_>>());
    }

    /// Goes on with a builder that was read from the image.
    pub(super) fn read_back(&mut self) {
        let written = match self.builder.to_vec() {
            Ok(written) => written,
            Err(BuildError::Refused(_)) if self.wild => return,
            Err(error) => panic!("{error}"),
        };
        let options = Options { archs: &ARCHS, packing: self.builder.packing(), ..Options::default() };
        let image = Image::parse(&written, options).expect("what was written can be parsed");
        match Builder::from_image(&image) {
            Ok(builder) => self.builder = builder,
            Err(error) => assert!(self.wild, "{error}"),
        }
        assert!(
            self.builder.to_vec().as_ref() == Ok(&written),
            "read and written again, it is another image"
        );
    }

    /// A builder that is given its own tables again writes the same image.
    fn rebuilt(&mut self, image: &Image<'_>) {
        let charged = image.allocs().filter(|alloc| alloc.oid > 0 || alloc.frame_type > 0);
        for alloc in charged {
            let kinds = [ObjectType::Page].into_iter().chain(ObjectType::WITH_CAPABILITIES);
            let kind = kinds.into_iter().find(|kind| kind.number() == alloc.frame_type);
            let kind = kind.expect("a kind of object");
            if kind == ObjectType::Page && alloc.oid >= image.header().bank_vec_oid {
                continue;
            }
            let object = self.builder.capability_to(kind.cap_type(), alloc.oid);
            self.builder.charge(object, alloc.bank).expect("an object that is there");
        }
        self.builder.set_banks(image.banks().collect()).expect("the same banks");
        assert!(self.builder.to_vec().as_deref() == Ok(image.bytes()), "another image");
        let lost = self.builder.charge(Capability::NULL, 0).expect_err("no object");
        words::error(&lost);
        let none = self.builder.capability_to(CapType::GPT, self.builder.count(ObjectType::Gpt));
        words::error(&self.builder.charge(none, 0).expect_err("no such object"));
    }

    /// What holds of every image that is written.
    pub(super) fn finish(mut self, pack: bool) {
        let rules = if self.wild { Rules::Reference } else { Rules::Full };
        self.read_back();
        let written = match self.builder.to_vec() {
            Ok(written) => written,
            Err(BuildError::Refused(_)) if self.wild => return,
            Err(error) => panic!("{error}"),
        };
        assert_eq!(self.builder.written_len(), Ok(written.len() as u64));
        let mut short = vec![0xa5; written.len() - 1];
        words::error(&self.builder.write_to(&mut short).expect_err("a byte less"));
        assert!(short.iter().all(|&byte| byte == 0xa5), "something is written");
        let options = Options { archs: &ARCHS, packing: self.builder.packing(), ..Options::default() };
        let image = Image::parse(&written, options).expect("what was written can be parsed");
        assert_eq!(self.builder.header().as_ref(), Ok(image.header()));
        for finding in check(&image, rules) {
            // Banks were allocated after endpoints.
            assert!(finding.rule == CoyotosRule::BankIndex || self.wild && !finding.is_error(), "{finding}");
        }
        (0..self.spaces.len()).for_each(|at| self.demand(&image, at));
        if !self.wild {
            assert!(check(&image, Rules::Reference).next().is_none() && !has_cycle(&image));
            for oid in 1..self.builder.count(ObjectType::Page) {
                let zeros = vec![0; 1 << self.page_log2];
                let contents = self.contents.get(&oid).unwrap_or(&zeros);
                assert_eq!(image.page(oid), Some(&**contents), "page {oid}");
            }
        }
        for space in self.spaces.iter().take(4) {
            // Of a tangle only the start can be walked.
            if let (mappings, None) = walked(&image, space.root, SOME_GPTS) {
                to_elf(&image, space.root, &mappings);
            }
        }
        self.rebuilt(&image);
        if pack {
            let packed = deflate(&written).expect("memory takes all");
            let again = inflate(&packed, written.len() as u64).expect("what was deflated can be inflated");
            assert!(*again == *written, "deflated and inflated, it is another image");
        }
    }
}
