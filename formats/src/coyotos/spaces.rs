//! How a user refers to an address space of an image.

use coyotos_image::{Capability, Image, ObjectId, ObjectType, Slot};

use super::written;

/// The space that a user refers to.
///
/// # Errors
/// Why there is none.
pub fn choose(image: &Image<'_>, of: Option<ObjectId>) -> Result<Capability, String> {
    match of {
        Some(object) => of_object(image, object),
        None => match image.process_spaces().next() {
            Some((_, root)) => Ok(root),
            None => only_root(image),
        },
    }
}

fn of_object(image: &Image<'_>, object: ObjectId) -> Result<Capability, String> {
    exists(image, object)?;
    let page_size_log2 = image.arch().page_size_log2();
    match object.object_type {
        ObjectType::Process => image
            .capability(object, Slot::AddrSpace)
            .filter(|root| root.cap_type().is_memory())
            .ok_or_else(|| format!("{object} has no address space")),
        ObjectType::Gpt => image.root_of_gpt(object.oid).ok_or_else(|| format!("there is no {object}")),
        ObjectType::Page | ObjectType::CapPage => {
            Ok(Capability::new(object.object_type.cap_type(), page_size_log2, object.oid))
        }
        ObjectType::Endpoint => Err("an endpoint has no address space; give a process or a GPT".into()),
    }
}

fn only_root(image: &Image<'_>) -> Result<Capability, String> {
    let mut roots = image.unused_roots();
    match (roots.next(), roots.next()) {
        (Some(root), None) => Ok(root),
        (Some(first), Some(_)) => {
            let example = ObjectId { object_type: ObjectType::Gpt, oid: first.oid() };
            Err(format!(
                "no process has an address space; give the root of one, such as {}",
                written(example)
            ))
        }
        (None, _) => {
            Err("there is no address space: no process has one, and no GPT is the root of one".into())
        }
    }
}

/// Checks that the image contains an object.
///
/// # Errors
/// It does not.
pub fn exists(image: &Image<'_>, object: ObjectId) -> Result<(), String> {
    let count = image.count(object.object_type);
    if object.oid < u64::from(count) {
        return Ok(());
    }
    Err(format!("there is no {object}: the image has {count} of this kind, numbered from 0"))
}
