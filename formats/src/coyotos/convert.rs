//! To a Coyotos image and back.

use coyotos_image::elf::{SideFile, machine_of_elf};
use coyotos_image::{
    Arch, Builder, Capability, ConstructorForm, Image, ObjectId, ObjectType, Options, Restr, Slot, contents,
    deflate, elf_of_space,
};

use super::{MAX_INFLATED, Reading, choose};
use crate::conversion::{Converted, Failure};
use crate::foreign;

/// How an image is made of a program.
#[derive(Clone, Copy, Debug)]
pub struct ImageOptions<'a> {
    /// The architecture; without it, the program's.
    pub arch: Option<Arch>,
    /// Make the pages that the original loader makes.
    pub compat: bool,
    /// Make what a constructor takes, and no process.
    pub constructor: bool,
    /// The ProtoSpace program that a constructor's processes run first.
    pub proto: Option<Proto<'a>>,
    /// Keep symbols in the image, and make a side file for debuggers.
    pub debug: bool,
    /// Compress the image.
    pub gzip: bool,
    /// The most bytes that the image may take before it is compressed.
    pub max_image: u64,
}

impl Default for ImageOptions<'_> {
    fn default() -> Self {
        Self {
            arch: None,
            compat: false,
            constructor: false,
            proto: None,
            debug: false,
            gzip: true,
            max_image: MAX_INFLATED,
        }
    }
}

/// A ProtoSpace program.
#[derive(Clone, Copy, Debug)]
pub struct Proto<'a> {
    /// The name of the file, for messages.
    pub name: &'a str,
    /// The ELF file.
    pub elf: &'a [u8],
}

/// An image with the prime bank, the program's address space, and a process that starts in it; and the side file, where one was
/// asked for.
///
/// # Errors
/// Why the file cannot be converted.
pub fn from_elf(bytes: &[u8], options: &ImageOptions<'_>) -> Result<(Converted, Option<SideFile>), Failure> {
    fn refused(error: impl std::error::Error) -> Failure {
        Failure::Refused(error.to_string())
    }
    foreign::expect(bytes, "an ELF file", foreign::is_linked_elf).map_err(Failure::Refused)?;
    let arch = match options.arch {
        Some(arch) => arch,
        None => arch_of(machine_of_elf(bytes).map_err(refused)?)?,
    };
    let proto = match options.proto {
        Some(Proto { name, elf }) => {
            let page = Builder::proto_space_of_elf(arch, elf);
            Some(page.map_err(|error| Failure::Refused(format!("{name}: {error}")))?)
        }
        None => None,
    };
    let mut builder = Builder::new(arch);
    let bank = builder.prime_bank();
    let loaded =
        if options.compat { builder.load_elf_compat(bank, bytes) } else { builder.load_elf(bank, bytes) };
    let loaded = loaded.map_err(refused)?;
    let mut notes = Vec::new();
    let mut space = loaded.space;
    if options.constructor {
        let form = builder.constructor_form(bank, space, loaded.entry, proto.as_deref()).map_err(refused)?;
        // Properties that only capabilities have, such as that the space is weak, are kept in a capability page.
        let page = builder.alloc(ObjectType::CapPage, bank).map_err(refused)?;
        builder.set_capability(page, Slot::Index(0), form.space).map_err(refused)?;
        let mut proto_space = form.proto_space;
        proto_space.set_restr(Restr::WK.with(Restr::RO));
        builder.set_capability(page, Slot::Index(1), proto_space).map_err(refused)?;
        notes.push((None, handed_on(form, proto.is_some())));
        space = form.space;
    } else {
        builder.runnable_process(bank, space, loaded.entry).map_err(refused)?;
    }
    notes.insert(0, (None, describe(&builder, space, loaded.entry)));
    let side = options.debug.then(|| builder.keep_debug(bytes, space)).transpose().map_err(refused)?;
    let (size, most) = (builder.written_len().map_err(refused)?, options.max_image);
    if size > most {
        return Err(Failure::Refused(format!(
            "the image would take {size} bytes for the memory that the program requests, but at most {most} are written: \
             --max-image raises the limit"
        )));
    }
    let image = builder.to_vec().map_err(refused)?;
    let bytes = if options.gzip { deflate(&image).map_err(refused)? } else { image };
    Ok((Converted { bytes, executable: false, notes }, side))
}

/// The architecture that runs a machine's code.
fn arch_of(machine: u16) -> Result<Arch, Failure> {
    let arch = Arch::ALL.into_iter().find(|arch| arch.elf_machines().contains(&machine));
    arch.ok_or_else(|| {
        let known: Vec<_> = Arch::ALL.map(|arch| format!("{arch} {:?}", arch.elf_machines())).into();
        Failure::Refused(format!(
            "e_machine at byte 18: the code is for machine {machine}, but Coyotos runs {}; build it with another compiler",
            known.join(", ")
        ))
    })
}

/// The space of an image as an ELF program: the one of an object, or the one that [`choose`] finds.
///
/// # Errors
/// Why the file cannot be converted.
pub fn to_elf(bytes: &[u8], reading: Reading, of: Option<ObjectId>) -> Result<Converted, Failure> {
    let contents = contents(bytes, reading.max_inflated)?;
    let options = Options { packing: reading.packing, old_layouts: true, ..Options::default() };
    let image = Image::parse(&contents, options)?;
    let space = choose(&image, of).map_err(Failure::Refused)?;
    let written = elf_of_space(&image, space, reading.max_inflated);
    let bytes = written.map_err(|error| Failure::Refused(error.to_string()))?;
    Ok(Converted { bytes, executable: false, notes: Vec::new() })
}

/// What a constructor needs, and where it is in the image.
fn handed_on(form: ConstructorForm, runs: bool) -> String {
    let (space, proto) = (form.space.oid(), form.proto_space.oid());
    let warning = if runs {
        ""
    } else {
        "; the page holds only the PC, and no process can start from it without the program given by --proto"
    };
    format!(
        "for a constructor: the weak space GPT {space} in slot 0 of CapPage 0, its ProtoSpace Page {proto} in slot 1{warning}"
    )
}

fn describe(builder: &Builder, space: Capability, entry: u64) -> String {
    // Page 0 holds the header.
    let pages = builder.count(ObjectType::Page).saturating_sub(1);
    let gpts = builder.count(ObjectType::Gpt);
    let number = |count: u64, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    format!(
        "for {}: starts at {entry:#x} in {} {}, {} and {}",
        builder.arch(),
        space.cap_type(),
        space.oid(),
        number(pages, "page"),
        number(gpts, "GPT")
    )
}
