//! Colours and patterns. Whatever a colour means is also shown by a letter, a pattern and a position: none
//! carries a meaning alone.

use std::fmt::Write as _;

use execfmt_view::Role;

/// The pattern that distinguishes a role from its neighbours.
#[derive(Clone, Copy)]
enum Pattern {
    Plain,
    Rising,
    Falling,
    Vertical,
    Horizontal,
    Dots,
    Rings,
    Grid,
    Cross,
    Broken,
    Waves,
}

/// The appearance of a role: fill and line in light mode, the same in dark mode, and its pattern.
const fn look(role: Role) -> ([&'static str; 4], Pattern) {
    match role {
        Role::Header => (["#e1e1e9", "#55556b", "#32333f", "#b6b6cc"], Pattern::Plain),
        Role::Code | Role::Text => (["#b9d5f6", "#0b4c88", "#123a5e", "#74bcff"], Pattern::Plain),
        Role::FarText => (["#d3f3f3", "#0a5c69", "#0b4f58", "#7be6f2"], Pattern::Rising),
        Role::ReadOnly => (["#b8e8cb", "#14602f", "#12442a", "#66d692"], Pattern::Vertical),
        Role::Data | Role::Pages => (["#ffd27d", "#7d4700", "#573c00", "#ffbd55"], Pattern::Dots),
        Role::Zeroed => (["#fdf9df", "#6f6200", "#28260a", "#e8d650"], Pattern::Rings),
        Role::Heap | Role::Gpts => (["#f0c4e6", "#85206f", "#4d1c46", "#f294e0"], Pattern::Falling),
        Role::Stack | Role::Processes => (["#f6b79e", "#8f2f0a", "#6f2c0e", "#ffa885"], Pattern::Horizontal),
        Role::Arguments | Role::CapPages => (["#e6d9c2", "#5f4116", "#3f3120", "#dcb888"], Pattern::Grid),
        Role::Spare => (["#ebebee", "#5c5c66", "#24252a", "#b4b4be"], Pattern::Cross),
        Role::Relocations | Role::Tables => (["#c9c1f6", "#40339f", "#3b328a", "#bdb5ff"], Pattern::Waves),
        Role::Symbols | Role::Endpoints => (["#dfedc6", "#435c14", "#2a3814", "#b6d66f"], Pattern::Vertical),
        Role::Gap => (["#f6f6f8", "#6a6a78", "#1c1f25", "#949cab"], Pattern::Rising),
        _ => (["#ffffff", "#6a6a78", "#14171c", "#949cab"], Pattern::Broken),
    }
}

/// The CSS class of a role. In some documents, letters that differ only in case would be the same class.
pub fn class(role: Role) -> String {
    match role.letter() {
        letter if letter.is_ascii_uppercase() => format!("u{}", letter.to_ascii_lowercase()),
        letter if letter.is_ascii_alphanumeric() => letter.to_string(),
        '-' => "gap".into(),
        _ => "none".into(),
    }
}

const LIGHT: &str =
    "--bg:#fff;--ink:#1b1f24;--mute:#4b535c;--edge:#c4cad1;--acc:#0b5394;--err:#b3001e;--warn:#7a4f00";
const DARK: &str =
    "--bg:#14171c;--ink:#e6e8eb;--mute:#b4bdc9;--edge:#3d4550;--acc:#74bcff;--err:#ff8f87;--warn:#ffcf66";

/// The styles of a picture, for an element of class `map` around it.
pub fn rules() -> String {
    let (mut light, mut dark, mut classes) = (LIGHT.to_string(), DARK.to_string(), String::new());
    for role in Role::ALL {
        let (class, ([fill, line, dark_fill, dark_line], _)) = (class(role), look(role));
        let _ = write!(light, ";--f-{class}:{fill};--l-{class}:{line}");
        let _ = write!(dark, ";--f-{class}:{dark_fill};--l-{class}:{dark_line}");
        let _ = write!(
            classes,
            ".r-{class}{{fill:var(--f-{class});stroke:var(--l-{class})}}.i-{class}{{stroke:var(--f-{class})}}\
             .q-{class}{{stroke:var(--l-{class})}}"
        );
    }
    format!(
        ".map{{{light};color:var(--ink);background:var(--bg);\
         font:12px ui-monospace,\"DejaVu Sans Mono\",Menlo,Consolas,monospace}}\
         @media (prefers-color-scheme:dark){{.map{{{dark}}}}}{classes}\
         .map text{{fill:var(--ink);white-space:pre}}.map .h,.map .n{{font-weight:600}}.map .m{{fill:var(--mute)}}\
         .map .k{{text-anchor:middle;font-weight:700;paint-order:stroke;stroke-width:3px}}.map text.error{{fill:var(--err);font-weight:700}}\
         .map text.warning{{fill:var(--warn);font-weight:700}}\
         .map .band{{fill-opacity:.45;stroke-opacity:.4}}.map .line{{fill:none;stroke:var(--mute);stroke-width:.8}}\
         .map .cut{{fill:none;stroke:var(--ink)}}.map .end{{stroke:var(--err);stroke-width:2}}\
         .map .page{{fill:none;stroke:var(--edge)}}.map .ro{{fill:var(--f-c)}}\
         .map .f{{font-weight:600}}.map .tips{{fill:var(--bg);stroke:var(--edge)}}.map .denied{{fill:none;stroke:var(--edge)}}\
         .map .granted{{fill:var(--f-r);stroke:var(--l-r)}}.tip{{visibility:hidden;pointer-events:none}}\
         .it:focus>text,.it:hover>text{{text-decoration:underline}}\
         .it:focus>.tip,.it:hover>.tip{{visibility:visible}}\
         .map:has(.it:hover) .it:focus:not(:hover)>.tip{{visibility:hidden}}\
         .it{{outline:none}}.it:hover .band,.it:focus .band{{fill-opacity:.9}}\
         .it:hover .b,.it:focus .b{{stroke:var(--acc);stroke-width:3}}"
    )
}

/// The patterns, for the beginning of a picture; `ids` is the prefix of their names.
pub(crate) fn patterns(ids: &str) -> String {
    let mut patterns = String::from("<defs>");
    for role in Role::ALL {
        let shape = match look(role).1 {
            Pattern::Plain => continue,
            Pattern::Rising => "<path d='M-2 2L2-2M0 8L8 0M6 10L10 6'/>",
            Pattern::Falling => "<path d='M-2 6L2 10M0 0L8 8M6-2L10 2'/>",
            Pattern::Vertical => "<path d='M4 0V8'/>",
            Pattern::Horizontal => "<path d='M0 4H8'/>",
            Pattern::Dots => "<circle cx='4' cy='4' r='.9'/>",
            Pattern::Rings => "<circle cx='4' cy='4' r='2' fill='none'/>",
            Pattern::Grid => "<path d='M4 0V8M0 4H8'/>",
            Pattern::Cross => "<path d='M0 0L8 8M8 0L0 8'/>",
            Pattern::Broken => "<path d='M0 8L8 0' stroke-dasharray='3 3'/>",
            Pattern::Waves => "<path d='M0 4Q2 1 4 4T8 4' fill='none'/>",
        };
        let class = class(role);
        let _ = write!(
            patterns,
            "<pattern id='{ids}-{class}' width='8' height='8' patternUnits='userSpaceOnUse'>\
             <g class='q-{class}' stroke-opacity='.34'>{shape}</g></pattern>"
        );
    }
    patterns + "</defs>"
}

/// Whether a role has a pattern.
pub(crate) const fn has_pattern(role: Role) -> bool {
    !matches!(look(role).1, Pattern::Plain)
}
