//! Coyotos images.

mod space;
mod words;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use coyotos_image::space::SpaceError;
use coyotos_image::wire::{self, endian_word};
use coyotos_image::{Header, Image, ObjectId, ObjectType};
use zerocopy::LittleEndian;

use crate::data::record as facts;
use crate::words::counted;
use crate::{Data, Node, Region, Role, View, record};

/// Maximum number of address spaces shown.
const MAX_SPACES: usize = 8;

/// A file that begins like an image, and what was found out about it.
#[derive(Clone, Debug)]
pub struct CoyotosView<'a> {
    /// Its length in bytes.
    pub file_length: u64,
    /// Whether it is a gzip file.
    pub gzip: bool,
    /// The uncompressed bytes, if available.
    pub bytes: Option<&'a [u8]>,
    /// The header, if there is one.
    pub header: Option<Header>,
    /// The image, if its header is valid.
    pub image: Option<Image<'a>>,
}

impl<'a> CoyotosView<'a> {
    /// For an image that is not compressed.
    pub fn of(image: Image<'a>) -> Self {
        let (bytes, header) = (image.bytes(), *image.header());
        let file_length = bytes.len() as u64;
        Self { file_length, gzip: false, bytes: Some(bytes), header: Some(header), image: Some(image) }
    }

    /// All information about the file. Offsets are those of the uncompressed image.
    pub fn view(&self) -> View {
        let image = self.image.as_ref();
        let header = self.header.as_ref();
        View {
            title: self.title(),
            words: image.map(words::sections).unwrap_or_default(),
            facts: self.facts(),
            derived: image.map(derived).unwrap_or_default(),
            fields: header.and_then(|header| Some(fields(self.bytes?, header))),
            file_length: self.bytes.map_or(self.file_length, |bytes| bytes.len() as u64),
            file: image.map(file).unwrap_or_default(),
            memory: image.map(memory).unwrap_or_default(),
            memory_note: image.and_then(memory_note),
        }
    }

    fn title(&self) -> String {
        let length = self.file_length;
        match &self.image {
            Some(image) => words::title(image, self.gzip.then_some(length)),
            None => {
                let container = if self.gzip { "gzip, " } else { "" };
                format!("Coyotos image, {container}{length} bytes, unreadable")
            }
        }
    }

    fn facts(&self) -> Data {
        let header = self.header.as_ref();
        facts! {
            format: "coyotos-image",
            gzip: self.gzip,
            arch: self.image.as_ref().map(|image| image.arch().name()),
            byte_order: header.map(|header| header.byte_order.name()),
            header: header.map(header_facts),
        }
    }
}

/// Every field of the header after the magic, in order and by its name in the specification.
fn header_facts(header: &Header) -> Data {
    let endian = ("endian", u64::from(endian_word(header.byte_order)));
    let fields = core::iter::once(endian).chain(header.fields());
    Data::Record(fields.map(|(name, value)| (name.into(), value.into())).collect())
}

fn derived(image: &Image<'_>) -> Data {
    let spaces = image.spaces();
    let shown = spaces.iter().take(MAX_SPACES).map(|space| {
        let summary = image.summary(space.root);
        facts! {
            root: ObjectId::of(space.root).map(|root| root.to_string()),
            processes: space.processes.clone(),
            mappings: summary.leaves,
            first: summary.first,
            // One past the last address may not fit into 64 bits.
            last: summary.first.and(u64::try_from(summary.end.saturating_sub(1)).ok()),
            complete: summary.error.is_none(),
        }
    });
    facts! { space_count: spaces.len(), spaces: shown.collect::<Data>() }
}

fn memory(image: &Image<'_>) -> Vec<crate::Memory> {
    image.spaces().iter().take(MAX_SPACES).map(|space| space::memory(image, space)).collect()
}

fn memory_note(image: &Image<'_>) -> Option<String> {
    let count = image.spaces().len();
    match count.checked_sub(MAX_SPACES) {
        _ if count == 0 => Some("no process has an address space, and no GPT is the root of one".into()),
        None | Some(0) => None,
        Some(more) => Some(format!("and {}", counted(more as u64, "more space", "more spaces"))),
    }
}

/// The header of an uncompressed image.
fn fields(image: &[u8], header: &Header) -> Node {
    record("header", wire::Header::<LittleEndian>::FIELDS, image, 0, header.byte_order)
}

/// The objects of an uncompressed image by kind, and its tables.
fn file(image: &Image<'_>) -> Vec<Region> {
    let header = image.header();
    let page = u64::from(header.pg_size);
    let tables = [
        ("header", Role::Header, 0, 1),
        ("pages", Role::Pages, 1, header.bank_vec_oid),
        ("bank table", Role::Tables, header.bank_vec_oid, header.sym_vec_oid),
        ("symbol table", Role::Symbols, header.sym_vec_oid, header.string_table_oid),
        ("string table", Role::Symbols, header.string_table_oid, header.alloc_vec_oid),
        ("alloc table", Role::Tables, header.alloc_vec_oid, header.end_vec_oid),
    ];
    let tables = tables.into_iter().map(|(name, role, first, end)| {
        Region::new(name, role, first.saturating_mul(page), end.saturating_sub(first).saturating_mul(page))
    });
    let objects = ObjectType::ALL.into_iter().filter(|kind| *kind != ObjectType::Page);
    let objects = objects.filter_map(|kind| {
        let size = u64::from(image.count(kind)).saturating_mul(image.object_size(kind).into());
        let start = image.object_offset(ObjectId { object_type: kind, oid: 0 })?;
        Some(Region::new(kind.name(), role(kind), start, size))
    });
    let mut regions: Vec<_> = tables.filter(|table| !table.is_empty()).chain(objects).collect();
    regions.sort_by_key(|region| region.start);
    regions
}

const fn role(kind: ObjectType) -> Role {
    match kind {
        ObjectType::Page => Role::Pages,
        ObjectType::CapPage => Role::CapPages,
        ObjectType::Gpt => Role::Gpts,
        ObjectType::Endpoint => Role::Endpoints,
        ObjectType::Process => Role::Processes,
    }
}

/// Why the walk of an address space ended early.
pub fn why_it_ended(error: SpaceError) -> String {
    match error {
        SpaceError::TooMany => "the GPTs refer to each other too often".into(),
        other => other.to_string(),
    }
}
