//! The position of a run in the scripts.

use alloc::vec::Vec;

use super::{Frame, Machine, Stop};
use crate::error::{Cause, Error, Frame as Call, INNERMOST, OUTERMOST};
use crate::value::Symbol;

impl Machine<'_> {
    /// Records in the recipe the position of the last operation.
    pub(super) fn note_place(&mut self) {
        let Some(frame) = self.frames.last() else { return };
        let last = frame.code.ops.get(frame.next.saturating_sub(1));
        let Some((name, line)) = last.and_then(|(_, span)| self.sources.line(frame.code.file, span.start))
        else {
            return;
        };
        let place = alloc::format!("{name}:{line}");
        if let Some(trace) = self.library.trace() {
            trace.place(place);
        }
    }

    pub(super) fn flush_trace(&mut self) -> Result<(), Cause> {
        let lines = self.library.take_trace();
        if lines.is_empty() { Ok(()) } else { self.host.trace(&lines).map_err(Cause::Host) }
    }

    /// An error, with its position and the calls that led to it.
    pub(super) fn located(&self, stop: Stop) -> Error {
        let mut calls = Vec::new();
        let mut call = |caller: &Frame, name: Symbol, module: bool| {
            let span = caller.last().map(|(_, span)| *span);
            let at = span.and_then(|span| self.sources.locate(caller.code.file, span));
            calls.extend(at.map(|at| Call { name: self.symbols.name(name).into(), module, at }));
        };
        if let (Some((_, _, module)), Some(importer)) = (stop.place, self.frames.last()) {
            call(importer, module, true);
        }
        let count = self.frames.len().saturating_sub(1);
        let left_out = count.saturating_sub(INNERMOST.saturating_add(OUTERMOST));
        for (index, pair) in self.frames.windows(2).rev().enumerate() {
            let [caller, callee] = pair else { continue };
            if left_out == 0 || index < INNERMOST || index >= count.saturating_sub(OUTERMOST) {
                let (name, module) = callee.function.map_or((callee.code.name, true), |name| (name, false));
                call(caller, name, module);
            }
        }
        let at = match (stop.place, self.frames.last()) {
            (Some((file, span, _)), _) => self.sources.locate(file, span),
            (None, Some(frame)) => {
                let here = frame.last().map(|(_, span)| *span).unwrap_or_default();
                self.sources.locate(frame.code.file, stop.span.unwrap_or(here))
            }
            (None, None) => None,
        };
        Error::new(*stop.cause, at, calls).leaving_out(left_out)
    }
}
