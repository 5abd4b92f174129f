//! `unpack` and `pack`: an image as a folder, and back.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use coyotos_image::{
    Arch, Builder, Capability, CoyotosFinding, Image, ObjectId, ObjectType, Options, Rules,
    Symbol as ImageSymbol, check,
};
use execfmt_common::Severity;
use execfmt_formats::coyotos::Stored;

use super::args::{Pack, Unpack};
use super::command::{failed, refused, stored, write};
use super::file::with_image;
use super::manifest::{CapPage, Endpoint, FORMAT, Gpt, Manifest, Page, Process, Slots, Symbol, VERSION};
use crate::diagnostics::{diagnostic, print_error};
use crate::files;
use crate::outcome::Outcome;

/// The name of the manifest in its folder.
const MANIFEST: &str = "manifest.json";

/// Maximum size of an image that is assembled, in bytes, the same as of a file that is read: a short manifest
/// could request far more.
const MAX_IMAGE: u64 = files::MAX_LEN;

/// The file of a page in the folder, and its contents.
type PageFile<'a> = (String, &'a [u8]);

pub(super) fn unpack(options: &Unpack) -> io::Result<Outcome> {
    with_image(&options.image, options.reading, |image, stored| {
        let (manifest, pages) = take_apart(image, stored);
        if let Err(why) = comes_back(image, &manifest, &pages) {
            return refused(&options.image, &why);
        }
        let text = manifest.to_text()?;
        let all = pages.iter().map(|(name, bytes)| (name.as_str(), *bytes));
        match files::write_folder(&options.output, all.chain([(MANIFEST, &text[..])])) {
            Ok(()) => Ok(Outcome::Success),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                print_error(format_args!(
                    "{} already exists; give another name, or remove it first",
                    files::shown(&options.output)
                ))?;
                Ok(Outcome::Failed)
            }
            Err(error) => failed(&options.output, error),
        }
    })
}

/// The manifest of an image, and the pages that are not all zero.
fn take_apart<'a>(image: &Image<'a>, stored: &Stored<'_>) -> (Manifest, Vec<PageFile<'a>>) {
    let mut manifest = Manifest {
        format: FORMAT.into(),
        manifest: VERSION,
        gzip: stored.gzip,
        arch: image.arch().name().into(),
        packing: image.packing().into(),
        banks: image.banks().map(Into::into).collect(),
        pages: Vec::new(),
        cap_pages: Vec::new(),
        gpts: Vec::new(),
        endpoints: Vec::new(),
        processes: Vec::new(),
        symbols: image.symbols().iter().map(|symbol| named(&symbol)).collect(),
    };
    let mut files = Vec::new();
    let mut allocs = image.allocs();
    for id in image.objects() {
        let bank = allocs.next().map_or(0, |alloc| alloc.bank);
        match id.object_type {
            ObjectType::Page if id.oid == 0 || id.oid >= image.header().bank_vec_oid => {}
            ObjectType::Page => {
                let bytes = image.page(id.oid).unwrap_or_default();
                let zeros = bytes.iter().all(|&byte| byte == 0);
                let file = (!zeros).then(|| format!("page-{}.bin", id.oid));
                files.extend(file.clone().map(|name| (name, bytes)));
                manifest.pages.push(Page { bank, file });
            }
            ObjectType::CapPage => manifest.cap_pages.push(CapPage { bank, caps: slots(image, id) }),
            ObjectType::Gpt => manifest.gpts.extend(image.gpt(id.oid).map(|state| Gpt {
                bank,
                l2v: state.l2v,
                ha: state.ha,
                bg: state.bg,
                caps: slots(image, id),
            })),
            ObjectType::Endpoint => manifest.endpoints.extend(image.endpoint(id.oid).map(|state| Endpoint {
                bank,
                pm: state.pm,
                prot_payload: state.prot_payload,
                endpoint_id: state.endpoint_id,
                caps: slots(image, id),
            })),
            ObjectType::Process => manifest.processes.extend(image.process(id.oid).map(|state| Process {
                bank,
                run_state: state.run_state,
                flags: state.flags,
                notices: state.notices,
                fault_code: state.fault_code,
                fault_info: state.fault_info,
                caps: slots(image, id),
            })),
        }
    }
    (manifest, files)
}

fn slots(image: &Image<'_>, id: ObjectId) -> Slots {
    Slots(image.capabilities(id).filter(|(_, cap)| !cap.is_zero()).collect())
}

fn named(symbol: &ImageSymbol<'_>) -> Symbol {
    Symbol {
        object: symbol.object,
        value: symbol.value,
        size: symbol.size.into(),
        kind: symbol.kind.number(),
        name: String::from_utf8_lossy(symbol.name.unwrap_or_default()).into_owned(),
    }
}

/// Checks that the parts give the same image again.
///
/// # Errors
/// Why they do not: in most images, the checker finds what a manifest cannot represent.
fn comes_back(image: &Image<'_>, manifest: &Manifest, pages: &[PageFile<'_>]) -> Result<(), String> {
    let mut rest = pages.iter();
    let again = put_together(manifest, |_, _| {
        // They are requested in order.
        Ok(rest.next().map(|(_, bytes)| bytes.to_vec()).unwrap_or_default())
    });
    if again.as_ref().is_ok_and(|again| again == image.bytes()) {
        return Ok(());
    }
    let why = match (check(image, Rules::Full).find(|finding| finding.is_error()), again) {
        (Some(finding), _) => finding.to_string(),
        (None, Err(why)) => why,
        (None, Ok(_)) => "its symbols or tables have a layout other than the one that execfmt writes".into(),
    };
    Err(format!("the parts would not give the same image again: {why}"))
}

pub(super) fn pack(options: &Pack) -> io::Result<Outcome> {
    let path = options.folder.join(MANIFEST);
    let text = match read_within(&options.folder, MANIFEST, files::MAX_LEN) {
        Ok(text) if text.len() as u64 > files::MAX_LEN => {
            return refused(&path, &format!("it is longer than {} bytes", files::MAX_LEN));
        }
        Ok(text) => text,
        Err(Unread::Refused(why)) => return refused(&path, &why),
        Err(Unread::Failed(error)) => return failed(&path, error),
    };
    let text = match files::unmarked(&text) {
        Ok(text) => text,
        Err(why) => return refused(&path, why),
    };
    let manifest: Manifest = match serde_json::from_slice(text) {
        Ok(manifest) => manifest,
        Err(error) => return refused(&path, &error.to_string()),
    };
    let mut unreadable = None;
    let image = put_together(&manifest, |name, page_size| {
        let file = within(&options.folder, name)?;
        read_within(&options.folder, name, page_size).map_err(|unread| match unread {
            Unread::Refused(why) => format!("{}: {why}", files::shown(&file)),
            Unread::Failed(error) => {
                let why = format!("{}: {error}", files::shown(&file));
                unreadable = Some((file, error));
                why
            }
        })
    });
    if let Some((file, error)) = unreadable {
        return failed(&file, error);
    }
    if let Some(finding) = image.as_ref().ok().and_then(|image| first_error(image, &manifest)) {
        // It is written nevertheless: an image that breaks this rule may have been unpacked.
        diagnostic(
            &files::name(&path),
            Some(Severity::Warning),
            &format!("`check` refuses the image: {finding}"),
        )?;
    }
    match image.and_then(|image| stored(image, manifest.gzip)) {
        Ok(bytes) => write(&options.output, &bytes),
        Err(why) => refused(&path, &why),
    }
}

/// The first of the full rules that an image breaks.
fn first_error(image: &[u8], manifest: &Manifest) -> Option<CoyotosFinding> {
    match Image::parse(image, Options { packing: manifest.packing.into(), ..Options::default() }) {
        Ok(image) => check(&image, Rules::Full).find(CoyotosFinding::is_error),
        Err(finding) => Some(finding),
    }
}

/// A file of the folder.
///
/// # Errors
/// A name that leads outside the folder.
fn within(folder: &Path, name: &str) -> Result<PathBuf, String> {
    let path = Path::new(name);
    let inside = !name.is_empty() && path.components().all(|part| matches!(part, Component::Normal(_)));
    if inside { Ok(folder.join(path)) } else { Err(format!("`{name}` is not a file in the folder")) }
}

/// Why a file of the folder could not be read.
enum Unread {
    Refused(String),
    Failed(io::Error),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

/// A regular file of the folder, up to one byte more than allowed. A manifest may come from anywhere, and may
/// name a pipe, a device, or through a link somebody else's file.
fn read_within(folder: &Path, name: &str, most: u64) -> Result<Vec<u8>, Unread> {
    let path = within(folder, name).map_err(Unread::Refused)?;
    // First: for a file that does not exist, Windows resolves no links, and the given name would seem to lead
    // outside.
    let found = fs::metadata(&path)?;
    if !files::resolved(&path)?.starts_with(files::resolved(folder)?) {
        return Err(Unread::Refused("it is a link that leads outside the folder".into()));
    }
    if !found.is_file() {
        return Err(Unread::Refused("it is not a regular file".into()));
    }
    let mut bytes = Vec::new();
    fs::File::open(&path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The image of a manifest. `read` returns the contents of a page's file, for which one byte more than a page
/// is enough.
fn put_together(
    manifest: &Manifest,
    mut read: impl FnMut(&str, u64) -> Result<Vec<u8>, String>,
) -> Result<Vec<u8>, String> {
    let Manifest { format, manifest: version, arch, .. } = manifest;
    if (format.as_str(), *version) != (FORMAT, VERSION) {
        return Err(format!(
            "format `{format}`, manifest {version}; expected `{FORMAT}`, manifest {VERSION}"
        ));
    }
    let known = Arch::from_name(arch);
    let arch =
        known.ok_or_else(|| format!("there is no architecture `{arch}`; use i386, coldfire or arm"))?;
    let pages = manifest.pages.len() as u64 + manifest.cap_pages.len() as u64;
    if pages > MAX_IMAGE / u64::from(arch.page_size()) {
        return Err(format!(
            "{pages} pages are more than the {MAX_IMAGE} bytes that execfmt reads and writes"
        ));
    }
    if manifest.endpoints.is_empty() {
        return Err("there is no endpoint: the prime bank needs one".into());
    }
    let mut parts = Parts { builder: Builder::new(arch).with_packing(manifest.packing.into()) };
    for (oid, page) in (1..).zip(&manifest.pages) {
        let id = parts.make(ObjectType::Page, oid, page.bank)?;
        if let Some(file) = &page.file {
            let contents = read(file, arch.page_size().into())?;
            let written = parts.builder.write_page(id, 0, &contents);
            written.map_err(|error| format!("{file}: {error}"))?;
        }
    }
    parts.objects(manifest)?;
    let mut builder = parts.builder;
    let fits = |error: &dyn std::error::Error| error.to_string();
    builder.set_banks(manifest.banks.iter().map(Into::into).collect()).map_err(|error| fits(&error))?;
    builder.set_symbols(manifest.symbols.iter().map(Into::into).collect()).map_err(|error| fits(&error))?;
    // What either set of rules accepts may have been in an image.
    let builder = builder.with_rules(Rules::Reference);
    builder.to_vec().or_else(|_| builder.with_rules(Rules::Full).to_vec()).map_err(|error| error.to_string())
}

/// An image that grows by its objects.
struct Parts {
    builder: Builder,
}

impl Parts {
    /// Allocates an object, charged to a bank by its index.
    fn make(&mut self, object_type: ObjectType, oid: u64, bank: u64) -> Result<Capability, String> {
        let id = ObjectId { object_type, oid };
        let described = |error: coyotos_image::space::SpaceError| format!("{id}: {error}");
        // The prime bank's endpoint exists from the start.
        let object = if (object_type, oid) == (ObjectType::Endpoint, 0) {
            self.builder.capability_to(object_type.cap_type(), 0)
        } else {
            self.builder.alloc(object_type, self.builder.prime_bank()).map_err(described)?
        };
        self.builder.charge(object, bank).map_err(described)?;
        Ok(object)
    }

    fn fill(&mut self, object: Capability, caps: &Slots) -> Result<(), String> {
        for &(slot, cap) in &caps.0 {
            let put = self.builder.set_capability(object, slot, cap);
            put.map_err(|error| format!("{} {} {slot}: {error}", object.cap_type(), object.oid()))?;
        }
        Ok(())
    }

    /// Everything except pages. Endpoints come last: they distinguish banks, and what is allocated here is
    /// charged to the first.
    fn objects(&mut self, manifest: &Manifest) -> Result<(), String> {
        let described = |id: Capability, error: coyotos_image::BuildError| {
            format!("{} {}: {error}", id.cap_type(), id.oid())
        };
        for (oid, page) in (0..).zip(&manifest.cap_pages) {
            let id = self.make(ObjectType::CapPage, oid, page.bank)?;
            self.fill(id, &page.caps)?;
        }
        for (oid, gpt) in (0..).zip(&manifest.gpts) {
            let id = self.make(ObjectType::Gpt, oid, gpt.bank)?;
            self.builder.set_gpt(id, gpt.into()).map_err(|error| described(id, error))?;
            self.fill(id, &gpt.caps)?;
        }
        for (oid, process) in (0..).zip(&manifest.processes) {
            let id = self.make(ObjectType::Process, oid, process.bank)?;
            self.builder.set_process(id, process.into()).map_err(|error| described(id, error))?;
            self.fill(id, &process.caps)?;
        }
        let mut endpoints = Vec::new();
        for (oid, endpoint) in (0..).zip(&manifest.endpoints) {
            endpoints.push(self.make(ObjectType::Endpoint, oid, endpoint.bank)?);
        }
        for (id, endpoint) in endpoints.into_iter().zip(&manifest.endpoints) {
            self.builder.set_endpoint(id, endpoint.into()).map_err(|error| described(id, error))?;
            self.fill(id, &endpoint.caps)?;
        }
        Ok(())
    }
}
