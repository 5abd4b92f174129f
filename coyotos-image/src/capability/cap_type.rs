use core::fmt;

/// A capability's type: 6 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CapType(u8);

macro_rules! cap_types {
    ($($constant:ident = $value:literal, $name:literal;)+) => {
        impl CapType {
            $(#[doc = concat!("`", $name, "`.")] pub const $constant: Self = Self($value);)+

            /// The name of the type in Coyotos; `None` for an unused number.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($name),)+
                    _ => None,
                }
            }
        }
    };
}

cap_types! {
    NULL = 0x00, "Null";
    WINDOW = 0x01, "Window";
    LOCAL_WINDOW = 0x02, "LocalWindow";
    CAP_BITS = 0x03, "CapBits";
    DISCRIM = 0x04, "Discrim";
    RANGE = 0x05, "Range";
    SLEEP = 0x06, "Sleep";
    IRQ_CTL = 0x07, "IrqCtl";
    SCHED_CTL = 0x08, "SchedCtl";
    CHECKPOINT = 0x09, "Checkpoint";
    OB_STORE = 0x0a, "ObStore";
    PIN_CTL = 0x0b, "PinCtl";
    SCHEDULE = 0x0c, "Schedule";
    SYS_CTL = 0x0d, "SysCtl";
    KERN_LOG = 0x0e, "KernLog";
    IO_PRIV = 0x0f, "IOPriv";
    IRQ_WAIT = 0x10, "IrqWait";
    ENDPOINT = 0x20, "Endpoint";
    PAGE = 0x21, "Page";
    CAP_PAGE = 0x22, "CapPage";
    GPT = 0x23, "GPT";
    PROCESS = 0x24, "Process";
    APP_NOTICE = 0x25, "AppNotice";
    ENTRY = 0x3f, "Entry";
}

impl CapType {
    /// `None` when the number has more than 6 bits.
    pub const fn new(number: u8) -> Option<Self> {
        if number < 0x40 { Some(Self(number)) } else { None }
    }

    pub(crate) const fn of_word(word0: u32) -> Self {
        Self((word0 & 0x3f) as u8)
    }

    /// A number that is unused now.
    pub(super) const FREE: Self = Self(0x26);

    /// The number.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// True for the types that Coyotos uses.
    pub const fn is_known(self) -> bool {
        self.name().is_some()
    }

    /// True for capabilities to objects: Endpoint, Page, CapPage, GPT, Process.
    pub const fn is_object(self) -> bool {
        matches!(self, Self::ENDPOINT | Self::PAGE | Self::CAP_PAGE | Self::GPT | Self::PROCESS)
    }

    /// True for capabilities that can be part of an address space: GPT, Page, CapPage and windows.
    pub const fn is_memory(self) -> bool {
        matches!(self, Self::GPT | Self::PAGE | Self::CAP_PAGE | Self::WINDOW | Self::LOCAL_WINDOW)
    }

    /// True for Window and LocalWindow.
    pub const fn is_window(self) -> bool {
        matches!(self, Self::WINDOW | Self::LOCAL_WINDOW)
    }
}

impl fmt::Display for CapType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "type {:#04x}", self.0),
        }
    }
}

impl fmt::Debug for CapType {
    /// `CapType(GPT)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CapType({self})")
    }
}
