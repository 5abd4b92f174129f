//! To a Coyotos image.

use coyotos_image::elf::machine_of_elf;
use coyotos_image::{Arch, Builder, Capability, ObjectType, deflate};

use super::args::CoyotosConversion;
use crate::conversion::{Converted, Failure};

/// An image with the prime bank, the program's address space, and a process that starts in it.
pub(crate) fn convert(bytes: &[u8], options: &CoyotosConversion) -> Result<Converted, Failure> {
    fn refused(error: impl std::error::Error) -> Failure {
        Failure::Refused(error.to_string())
    }
    let arch = match options.arch {
        Some(arch) => arch,
        None => arch_of(machine_of_elf(bytes).map_err(refused)?)?,
    };
    let mut builder = Builder::new(arch);
    let bank = builder.prime_bank();
    let loaded =
        if options.compat { builder.load_elf_compat(bank, bytes) } else { builder.load_elf(bank, bytes) };
    let loaded = loaded.map_err(refused)?;
    builder.runnable_process(bank, loaded.space, loaded.entry).map_err(refused)?;
    let mut notes = vec![(None, describe(&builder, loaded.space, loaded.entry))];
    let mut beside = None;
    if let Some(path) = &options.debug {
        let side = builder.keep_debug(bytes, loaded.space).map_err(refused)?;
        notes.push((None, format!("{} is its side file, build id {}", path.display(), side.build_id_hex())));
        beside = Some((path.clone(), side.bytes));
    }
    let (size, most) = (builder.written_len().map_err(refused)?, options.max_image());
    if size > most {
        return Err(Failure::Refused(format!(
            "the program asks for so much memory that the image would take {size} bytes, and at most {most} are written: \
             --max-image allows more"
        )));
    }
    let image = builder.to_vec().map_err(refused)?;
    let bytes = if options.no_gzip { image } else { deflate(&image).map_err(refused)? };
    Ok(Converted { bytes, beside, notes })
}

/// The architecture that runs a machine's code.
fn arch_of(machine: u16) -> Result<Arch, Failure> {
    let arch = Arch::ALL.into_iter().find(|arch| arch.elf_machines().contains(&machine));
    arch.ok_or_else(|| {
        let known: Vec<_> = Arch::ALL.map(|arch| format!("{arch} {:?}", arch.elf_machines())).into();
        Failure::Refused(format!(
            "e_machine at byte 18: the code is for machine {machine}, and Coyotos runs {}; build it with another compiler",
            known.join(", ")
        ))
    })
}

fn describe(builder: &Builder, space: Capability, entry: u64) -> String {
    // Page 0 is the header's.
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
