//! `cargo xtask web`: the web page and the npm package, from the crate `execfmt-web` compiled to WebAssembly.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest as _, Sha256};

use execfmt_view::Role;

use crate::shell::{root, run, target};
use crate::{debian, web_test};

const RUST: &str = "wasm32-unknown-unknown";

/// Maximum size of the page in bytes, compressed as a web server sends it.
const MOST: usize = 1_000_000;

/// The permissions of the page besides its own two files: none.
const NOTHING: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:";

/// The output folder of the page.
pub(crate) fn folder() -> PathBuf {
    target().join("web")
}

/// Builds everything, and tests it if requested.
pub(crate) fn command(test: bool) -> Result<()> {
    let module = module()?;
    let folder = folder();
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    page(&module, &folder)?;
    npm(&module, &folder.join("npm"))?;
    let sizes = [
        ("execfmt.wasm", fs::read(folder.join("execfmt.wasm"))?),
        ("execfmt.html", fs::read(folder.join("execfmt.html"))?),
    ];
    for (name, bytes) in sizes {
        let packed = gzip(&bytes)?;
        println!("{}: {} bytes, {packed} in gzip", folder.join(name).display(), bytes.len());
        ensure!(packed < MOST, "{name} takes {packed} bytes in gzip, but the maximum is {MOST}");
    }
    if test { web_test::all(&folder) } else { Ok(()) }
}

/// The crate as a module of WebAssembly.
fn module() -> Result<Vec<u8>> {
    let built = target().join("wasm");
    let (mut cargo, _) = debian::cargo_for(RUST, "std,panic_abort")?;
    cargo
        .env("CARGO_TARGET_DIR", &built)
        .env("CARGO_INCREMENTAL", "0")
        // The page is loaded more often than it computes.
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "s")
        .env("CARGO_PROFILE_RELEASE_LTO", "fat")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1")
        .env("CARGO_PROFILE_RELEASE_PANIC", "abort")
        .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
        .args(["build", "--quiet", "--release", "-p", "execfmt-web", "--lib"]);
    run(&mut cargo)?;
    let file = built.join(RUST).join("release/execfmt_web.wasm");
    fs::read(&file).with_context(|| file.display().to_string())
}

/// A file of `web/`.
fn source(name: &str) -> Result<String> {
    let path = root().join("web").join(name);
    fs::read_to_string(&path).with_context(|| path.display().to_string())
}

/// The page as a folder for a server, and as a single file.
fn page(module: &[u8], folder: &Path) -> Result<()> {
    let template = source("page/index.html")?;
    let script = source("page/page.js")?;
    // The picture's own styles, which its parts in the page share; the bytes use its colours.
    let style = format!("{}\n{}\n{}", execfmt_picture::rules(), fills(), source("page/style.css")?);
    // A worker in one file: modules cannot be imported from file://.
    let worker = source("engine.js")?.replace("export class", "class") + &source("page/worker.js")?;

    let served = format!(
        "{NOTHING}; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; worker-src 'self'"
    );
    let html = filled(
        &template,
        &[
            ("policy", &served),
            ("style", "<link rel=\"stylesheet\" href=\"style.css\">"),
            ("script", "<script type=\"module\" src=\"page.js\"></script>"),
            ("parts", ""),
        ],
    )?;
    let files: [(&str, &[u8]); 5] = [
        ("index.html", html.as_bytes()),
        ("style.css", style.as_bytes()),
        ("page.js", script.as_bytes()),
        ("worker.js", worker.as_bytes()),
        ("execfmt.wasm", module),
    ];
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes)?;
    }

    for text in [&style, &script, &worker] {
        ensure!(!text.contains("</"), "an element would end within its contents");
    }
    let alone = format!(
        "{NOTHING}; script-src '{}' 'wasm-unsafe-eval'; style-src '{}'; worker-src blob:",
        hash(&script),
        hash(&style)
    );
    let parts = format!(
        "<script type=\"text/plain\" id=\"worker\">{worker}</script>\n\
         <script type=\"text/plain\" id=\"module\">{}</script>",
        BASE64.encode(module)
    );
    let html = filled(
        &template,
        &[
            ("policy", &alone),
            ("style", &format!("<style>{style}</style>")),
            ("script", &format!("<script type=\"module\">{script}</script>")),
            ("parts", &parts),
        ],
    )?;
    fs::write(folder.join("execfmt.html"), html)?;
    Ok(())
}

/// The colours of bytes: those of the corresponding parts of the picture.
fn fills() -> String {
    let fill = |role: Role| {
        let class = execfmt_picture::class(role);
        format!(".f-{class}{{background:var(--f-{class})}}")
    };
    Role::ALL.map(fill).concat()
}

/// The source expression by which a policy allows a script or a style.
fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(Sha256::digest(text)))
}

/// A template with the values for each `{{name}}`.
fn filled(template: &str, values: &[(&str, &str)]) -> Result<String> {
    let mut filled = template.to_string();
    for (name, value) in values {
        let place = format!("{{{{{name}}}}}");
        ensure!(filled.matches(&place).count() == 1, "the page does not have exactly one {place}");
        filled = filled.replace(&place, value);
    }
    Ok(filled)
}

/// The package as npm packs it.
fn npm(module: &[u8], folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    for name in ["index.js", "index.d.ts", "README.md"] {
        fs::write(folder.join(name), source(&format!("npm/{name}"))?)?;
    }
    let description =
        source("npm/package.json")?.replace("\"0.0.0\"", &format!("\"{}\"", env!("CARGO_PKG_VERSION")));
    fs::write(folder.join("package.json"), description)?;
    fs::write(folder.join("engine.js"), source("engine.js")?)?;
    fs::write(folder.join("execfmt.wasm"), module)?;
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(root().join(name), folder.join(name))?;
    }
    Ok(())
}

/// How many bytes gzip makes of these.
fn gzip(bytes: &[u8]) -> Result<usize> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut packed, bytes)?;
    Ok(packed.finish()?.len())
}
