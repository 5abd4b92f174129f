//! The same recipes here, answered in the model's words.

use coyotos_image::LoadError;
use coyotos_image::elf::ElfRule;
use coyotos_image::recipe::{Cause, Interpreter, Outcome};
use coyotos_image::space::SpaceError;
use coyotos_image::{BuildError, CoyotosRule};

use crate::model::Reply;

/// The model's word for a rule of the original.
pub(crate) fn rule_name(rule: CoyotosRule) -> &'static str {
    match rule {
        CoyotosRule::Swizzled => "swizzled",
        CoyotosRule::UnknownCapType => "type",
        CoyotosRule::AllocCount => "allocCount",
        CoyotosRule::StrayOid => "oid",
        CoyotosRule::OidRange => "oid range",
        CoyotosRule::StrayRestr => "restr",
        CoyotosRule::StrayPayload => "pp",
        CoyotosRule::StrayOpaque => "OP/NC",
        CoyotosRule::WeakNotReadOnly => "WK",
        CoyotosRule::GuardSize => "l2g",
        CoyotosRule::GuardMatch => "guard",
        CoyotosRule::WindowOffset => "window offset",
        CoyotosRule::WindowSlot => "window slot",
        CoyotosRule::GptSize => "l2v",
        CoyotosRule::Recipient => "recipient",
        CoyotosRule::IoSpace => "ioSpace",
        other => panic!("{other:?} is not a rule of the original"),
    }
}

fn space(error: SpaceError) -> &'static str {
    match error {
        SpaceError::NoSuchObject { .. } => "BoundsError",
        SpaceError::Inconsistent(_) => "Assert",
        SpaceError::TooDeep => "TooDeep",
        _ => "BadValue",
    }
}

fn cause(cause: &Cause) -> String {
    let kind = match cause {
        Cause::Build(BuildError::Space(error)) | Cause::Load(LoadError::Build(BuildError::Space(error))) => {
            space(*error)
        }
        Cause::Build(BuildError::Refused(finding)) => {
            return format!("IntegrityFail: {}", rule_name(finding.rule));
        }
        Cause::Load(LoadError::Elf(finding)) => match finding.rule {
            ElfRule::WrongMachine => "BadValue",
            ElfRule::Misaligned => "Assert",
            rule => return format!("{rule:?}"),
        },
        other => return format!("{other:?}"),
    };
    kind.to_string()
}

/// Runs a recipe to its end, whatever fails on the way.
pub(crate) fn run(lines: &[String]) -> Vec<Reply> {
    let mut recipe = Interpreter::new(|name: &str| std::fs::read(name).map_err(|error| error.to_string()));
    let mut replies = Vec::new();
    for line in lines {
        replies.push(match recipe.line(line) {
            Ok(Outcome::Done) => continue,
            Ok(Outcome::Entry(pc)) => Reply::Text(format!("pc {pc:x}")),
            Ok(Outcome::Leaf(leaf)) => Reply::Text(format!(
                "leaf {} {} {:x} r={}",
                leaf.capability.cap_type().number(),
                leaf.capability.oid(),
                leaf.offset,
                leaf.restr.bits()
            )),
            Ok(Outcome::Valid) => Reply::Text("valid".into()),
            Ok(Outcome::File { image, .. }) => Reply::File(image),
            Err(error) => {
                let kind = cause(&error.cause);
                // The model names the rule for `validate`, and for `file` through it.
                Reply::Text(format!("EXC {kind}"))
            }
        });
    }
    replies
}
