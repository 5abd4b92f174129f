//! The current source of memory: the hooks of the builder at work.

use super::Hooks;

pub(super) use current::hooks;

/// Runs a call whose memory comes from these hooks, or from the system.
pub(crate) fn using<T>(hooks: Option<Hooks>, call: impl FnOnce() -> T) -> T {
    struct Before(Option<Hooks>);
    impl Drop for Before {
        fn drop(&mut self) {
            current::exchange(self.0);
        }
    }
    let _before = Before(current::exchange(hooks));
    call()
}

/// With std, each thread has its own.
#[cfg(feature = "std")]
mod current {
    use core::cell::Cell;

    use super::Hooks;

    thread_local! {
        // Initialised at compile time and never dropped: reading it allocates nothing.
        static CURRENT: Cell<Option<Hooks>> = const { Cell::new(None) };
    }

    pub(crate) fn hooks() -> Option<Hooks> {
        CURRENT.get()
    }

    pub(super) fn exchange(hooks: Option<Hooks>) -> Option<Hooks> {
        CURRENT.replace(hooks)
    }
}

/// Without std there is no notion of a thread: functions of builders must not run at the same time, as their
/// documentation states.
#[cfg(not(feature = "std"))]
mod current {
    use core::cell::Cell;

    use super::Hooks;

    struct Current(Cell<Option<Hooks>>);

    // SAFETY: only functions of builders use it, and no two of them run at the same time.
    unsafe impl Sync for Current {}

    static CURRENT: Current = Current(Cell::new(None));

    pub(crate) fn hooks() -> Option<Hooks> {
        CURRENT.0.get()
    }

    pub(super) fn exchange(hooks: Option<Hooks>) -> Option<Hooks> {
        CURRENT.0.replace(hooks)
    }
}

#[cfg(feature = "std")]
pub(super) use stand_in::system_stands_in;
#[cfg(feature = "std")]
pub(crate) use stand_in::unfailing;

/// Without a system there is no fallback for hooks that have no memory.
#[cfg(not(feature = "std"))]
pub(super) const fn system_stands_in(_: usize) -> bool {
    false
}

/// The writer of side files cannot handle a failing allocator. When the hooks fail, the system is used
/// instead, and the result is discarded.
#[cfg(feature = "std")]
mod stand_in {
    use core::cell::Cell;

    #[derive(Clone, Copy, PartialEq, Eq)]
    enum StandIn {
        Forbidden,
        Allowed,
        /// Called when hooks did not return this many bytes.
        Taken(usize),
    }

    thread_local! {
        static STATE: Cell<StandIn> = const { Cell::new(StandIn::Forbidden) };
    }

    /// Whether the system may be used instead of hooks that did not return this many bytes; its use is
    /// recorded.
    pub(crate) fn system_stands_in(bytes: usize) -> bool {
        let allowed = STATE.get() != StandIn::Forbidden;
        if allowed {
            STATE.set(StandIn::Taken(bytes));
        }
        allowed
    }

    /// Runs a call that cannot handle a failed allocation. The error is the number of bytes that the hooks
    /// did not return.
    pub(crate) fn unfailing<T>(call: impl FnOnce() -> T) -> Result<T, usize> {
        struct Before(StandIn);
        impl Drop for Before {
            fn drop(&mut self) {
                STATE.set(self.0);
            }
        }
        let _before = Before(STATE.replace(StandIn::Allowed));
        let made = call();
        match STATE.get() {
            StandIn::Taken(bytes) => Err(bytes),
            _ => Ok(made),
        }
    }
}
