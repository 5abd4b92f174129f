//! The description of an image in its folder: everything except the contents of pages, in JSON that a person
//! can read and edit. docs/coyotos-image.md describes it.

use std::collections::BTreeMap;

use coyotos_image::{
    Bank as BankRecord, CapType, Capability, EndpointAttrs, GptAttrs, ProcessAttrs, Restr, Slot, SymbolDef,
    SymbolKind,
};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::args::PackingName;

/// The first member of every manifest, and the version of the rest.
pub(super) const FORMAT: &str = "coyotos-image";
pub(super) const VERSION: u32 = 1;

/// An image without the contents of its pages. Objects are in the order of their OIDs.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) format: String,
    pub(super) manifest: u32,
    /// Whether the image is stored as a gzip file.
    pub(super) gzip: bool,
    pub(super) arch: String,
    pub(super) packing: PackingName,
    pub(super) banks: Vec<Bank>,
    /// From OID 1 on: page 0 is the header.
    pub(super) pages: Vec<Page>,
    pub(super) cap_pages: Vec<CapPage>,
    pub(super) gpts: Vec<Gpt>,
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) processes: Vec<Process>,
    pub(super) symbols: Vec<Symbol>,
}

impl Manifest {
    /// JSON with one object per line: written piece by piece, since an image may hold millions of
    /// capabilities.
    ///
    /// # Errors
    /// Those of the serializer.
    pub(super) fn to_text(&self) -> serde_json::Result<Vec<u8>> {
        let Self { format, manifest, gzip, arch, packing, .. } = self;
        let mut out = b"{".to_vec();
        member(&mut out, "format", format)?;
        member(&mut out, "manifest", manifest)?;
        member(&mut out, "gzip", gzip)?;
        member(&mut out, "arch", arch)?;
        member(&mut out, "packing", packing)?;
        list(&mut out, "banks", &self.banks)?;
        list(&mut out, "pages", &self.pages)?;
        list(&mut out, "cap_pages", &self.cap_pages)?;
        list(&mut out, "gpts", &self.gpts)?;
        list(&mut out, "endpoints", &self.endpoints)?;
        list(&mut out, "processes", &self.processes)?;
        list(&mut out, "symbols", &self.symbols)?;
        out.extend_from_slice(b"\n}\n");
        Ok(out)
    }
}

/// Begins a member; the first one follows a brace.
fn name(out: &mut Vec<u8>, name: &str) {
    let before = if out.last() == Some(&b'{') { "" } else { "," };
    out.extend_from_slice(format!("{before}\n \"{name}\": ").as_bytes());
}

fn member<T: Serialize>(out: &mut Vec<u8>, of: &str, value: &T) -> serde_json::Result<()> {
    name(out, of);
    serde_json::to_writer(out, value)
}

fn list<T: Serialize>(out: &mut Vec<u8>, of: &str, items: &[T]) -> serde_json::Result<()> {
    name(out, of);
    for (index, item) in items.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"[\n  " } else { b",\n  " });
        serde_json::to_writer(&mut *out, item)?;
    }
    out.extend_from_slice(if items.is_empty() { b"[]" } else { b"\n ]" });
    Ok(())
}

/// The name of a slot: `addrSpace`, `cap[3]`. In the order of the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
struct SlotName(Slot);

impl SlotName {
    fn place(self) -> (usize, u32) {
        match self.0 {
            Slot::Index(index) => (0, index),
            Slot::CapReg(index) => (Slot::STATE.len(), index),
            other => (Slot::STATE.iter().position(|&slot| slot == other).unwrap_or_default(), 0),
        }
    }
}

impl Ord for SlotName {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.place().cmp(&other.place())
    }
}

impl PartialOrd for SlotName {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl From<SlotName> for String {
    fn from(name: SlotName) -> Self {
        name.0.to_string()
    }
}

impl TryFrom<String> for SlotName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (name, index) = match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
            Some((name, index)) => (name, index.parse().ok()),
            None => (text.as_str(), Some(0)),
        };
        let slot = index.and_then(|index| Slot::from_name(name, index));
        // `cap` for `cap[0]`, or an index where there is none, is a mistake.
        let slot = slot.filter(|slot| slot.to_string() == text);
        slot.map(Self).ok_or_else(|| format!("no object has a slot `{text}`"))
    }
}

/// The name of a capability's type; its number if it has no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(super) struct TypeName(CapType);

impl Default for TypeName {
    fn default() -> Self {
        Self(CapType::NULL)
    }
}

impl From<TypeName> for String {
    fn from(name: TypeName) -> Self {
        name.0.name().map_or_else(|| name.0.number().to_string(), Self::from)
    }
}

impl TryFrom<String> for TypeName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut all = (0..=u8::MAX).map_while(CapType::new).map(Self);
        all.find(|name| String::from(*name) == text)
            .ok_or_else(|| format!("no capability has the type `{text}`"))
    }
}

/// Slots that are not empty, in the order of the object.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Slots(pub(super) Vec<(Slot, Capability)>);

impl Serialize for Slots {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|&(slot, cap)| (SlotName(slot), Cap::from(cap))))
    }
}

impl<'de> Deserialize<'de> for Slots {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let slots = BTreeMap::<SlotName, Cap>::deserialize(deserializer)?;
        let decoded = slots.iter().map(|(name, cap)| {
            let cap =
                Capability::try_from(cap).map_err(|why| D::Error::custom(format!("{}: {why}", name.0)))?;
            Ok((name.0, cap))
        });
        decoded.collect::<Result<_, _>>().map(Self)
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Records whose fields are omitted when they are 0, `false` or empty.
macro_rules! records {
    ($($(#[$doc:meta])* $name:ident { $($(#[$attribute:meta])* $field:ident: $kind:ty,)+ })+) => {
        $($(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields, rename_all = "camelCase")]
        pub(super) struct $name {
            $($(#[$attribute])* #[serde(skip_serializing_if = "is_default")] pub(super) $field: $kind,)+
        })+
    };
}

records! {
    Page {
        bank: u64,
        /// The file of its contents in the folder; without one, it is all zeros.
        file: Option<String>,
    }

    CapPage { bank: u64, caps: Slots, }

    Gpt { bank: u64, l2v: u8, ha: bool, bg: bool, caps: Slots, }

    Endpoint {
        bank: u64,
        pm: bool,
        prot_payload: u32,
        #[serde(rename = "endpointID")]
        endpoint_id: u64,
        caps: Slots,
    }

    Process {
        bank: u64,
        run_state: u8,
        flags: u16,
        notices: u32,
        fault_code: u32,
        fault_info: u64,
        caps: Slots,
    }

    /// A capability by its fields.
    Cap {
        #[serde(rename = "type")]
        cap_type: TypeName,
        swizzled: bool,
        restr: u8,
        alloc_count: u32,
        /// The second word as a whole, which includes `l2g` and `match`.
        pp: u32,
        l2g: u8,
        #[serde(rename = "match")]
        guard_match: u32,
        oid: u64,
    }

    Symbol { object: u64, value: u64, size: u64, kind: u8, name: String, }
}

/// A bank: the OID of its endpoint, and the index of its parent.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bank {
    endpoint: u64,
    parent: u64,
}

impl From<BankRecord> for Bank {
    fn from(bank: BankRecord) -> Self {
        Self { endpoint: bank.endpoint_oid, parent: bank.parent }
    }
}

impl From<&Bank> for BankRecord {
    fn from(bank: &Bank) -> Self {
        Self { endpoint_oid: bank.endpoint, parent: bank.parent }
    }
}

impl From<Capability> for Cap {
    fn from(cap: Capability) -> Self {
        let guarded = cap.cap_type().is_memory() && !cap.guard_padding();
        Self {
            cap_type: TypeName(cap.cap_type()),
            swizzled: cap.swizzled(),
            restr: cap.restr().bits(),
            alloc_count: cap.alloc_count(),
            pp: if guarded { 0 } else { cap.prot_payload() },
            l2g: if guarded { cap.l2g() } else { 0 },
            guard_match: if guarded { cap.guard_match() } else { 0 },
            oid: cap.oid(),
        }
    }
}

impl TryFrom<&Cap> for Capability {
    type Error = String;

    fn try_from(cap: &Cap) -> Result<Self, String> {
        let mut made = Self::NULL;
        made.set_type(cap.cap_type.0);
        made.set_swizzled(cap.swizzled);
        made.set_restr(Restr::from_bits(cap.restr));
        made.set_alloc_count(cap.alloc_count);
        made.set_prot_payload(cap.pp);
        if (cap.l2g, cap.guard_match) != (0, 0) {
            made.set_l2g(cap.l2g);
            made.set_guard_match(cap.guard_match);
        }
        made.set_oid(cap.oid);
        // A number with more bits than its field has lost some.
        let kept = (made.restr().bits(), made.alloc_count()) == (cap.restr, cap.alloc_count)
            && ((cap.l2g, cap.guard_match) == (0, 0)
                || cap.pp == 0 && (made.l2g(), made.guard_match()) == (cap.l2g, cap.guard_match));
        if kept {
            Ok(made)
        } else {
            Err("a field of the capability does not fit, or both pp and l2g are given".into())
        }
    }
}

impl From<&Gpt> for GptAttrs {
    fn from(gpt: &Gpt) -> Self {
        Self { l2v: gpt.l2v, ha: gpt.ha, bg: gpt.bg }
    }
}

impl From<&Endpoint> for EndpointAttrs {
    fn from(endpoint: &Endpoint) -> Self {
        let Endpoint { pm, prot_payload, endpoint_id, .. } = *endpoint;
        Self { pm, prot_payload, endpoint_id }
    }
}

impl From<&Process> for ProcessAttrs {
    fn from(process: &Process) -> Self {
        let Process { run_state, flags, notices, fault_code, fault_info, .. } = *process;
        Self { run_state, flags, notices, fault_code, fault_info }
    }
}

impl From<&Symbol> for SymbolDef {
    fn from(symbol: &Symbol) -> Self {
        let Symbol { object, value, size, kind, ref name } = *symbol;
        Self { object, value, size, kind: SymbolKind::from_number(kind), name: name.clone() }
    }
}
