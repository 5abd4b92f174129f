//! From an image back to a builder.

use super::symbols::SymbolTableBuilder;
use super::{BuildError, Builder, Charged, Endpoint, Gpt, Process};
use crate::capability::Capability;
use crate::check::{Rules, check};
use crate::image::Image;
use crate::object::{ObjectId, ObjectType};
use crate::rules::CoyotosFinding;
use crate::try_vec::{OutOfMemory, collected, copy_of, push};
use crate::wire::GPT_SLOTS;

impl Builder {
    /// A builder with the contents of an image, to be extended or modified. Written again unchanged, an image
    /// without findings gives the same bytes, if its tables have no more pages than they need.
    ///
    /// # Errors
    /// [`BuildError::Refused`] with the first error of the full rules: a builder cannot represent reserved
    /// bits, or tables that contradict the objects.
    /// [`SpaceError::OutOfMemory`](crate::space::SpaceError::OutOfMemory).
    pub fn from_image(image: &Image<'_>) -> Result<Self, BuildError> {
        // A space that cannot be walked can still be represented, and repaired.
        let refused = |finding: &CoyotosFinding| finding.is_error() && !finding.rule.is_about_spaces();
        if let Some(finding) = check(image, Rules::Full).find(refused) {
            return Err(BuildError::Refused(finding));
        }
        // What the full rules accept on reading must be accepted on writing.
        let mut builder = Self::empty(image.arch(), image.packing()).with_rules(Rules::Full);
        builder.banks = collected(image.banks())?;
        // The checker has compared the alloc table with the objects: both are in the same order.
        for (id, alloc) in image.objects().zip(image.allocs()) {
            builder.push(image, id, alloc.bank)?;
        }
        let symbols = image.symbols();
        let records = (0..symbols.len()).filter_map(|index| symbols.record(index));
        builder.symbols =
            SymbolTableBuilder { records: collected(records)?, strings: copy_of(symbols.strings())? };
        Ok(builder)
    }

    fn push(&mut self, image: &Image<'_>, id: ObjectId, bank: u64) -> Result<(), OutOfMemory> {
        fn array<const N: usize>(image: &Image<'_>, id: ObjectId) -> [Capability; N] {
            let mut caps = [Capability::NULL; N];
            caps.iter_mut().zip(image.capabilities(id)).for_each(|(place, (_, cap))| *place = cap);
            caps
        }
        match id.object_type {
            ObjectType::Page if id.oid >= image.header().bank_vec_oid => Ok(()),
            ObjectType::Page => {
                let contents = image.page(id.oid).filter(|_| id.oid != 0).unwrap_or_default();
                let zero = contents.iter().all(|&byte| byte == 0);
                let object = if zero { None } else { Some(copy_of(contents)?) };
                push(&mut self.pages, Charged { bank, object })
            }
            ObjectType::CapPage => {
                let object = collected(image.capabilities(id).map(|(_, cap)| cap))?;
                push(&mut self.cap_pages, Charged { bank, object })
            }
            ObjectType::Gpt => {
                let Some(state) = image.gpt(id.oid) else { return Ok(()) };
                let object = Gpt { state, caps: array::<GPT_SLOTS>(image, id) };
                push(&mut self.gpts, Charged { bank, object })
            }
            ObjectType::Endpoint => {
                let Some(state) = image.endpoint(id.oid) else { return Ok(()) };
                let [recipient] = array(image, id);
                push(&mut self.endpoints, Charged { bank, object: Endpoint { state, recipient } })
            }
            ObjectType::Process => {
                let Some(state) = image.process(id.oid) else { return Ok(()) };
                let object = Process { state, caps: array(image, id) };
                push(&mut self.processes, Charged { bank, object })
            }
        }
    }
}
