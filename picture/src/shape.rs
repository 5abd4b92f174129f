//! The horizontal positions of columns and labels, for a width.

use execfmt_view::View;

/// Where the labels of the file's parts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileLabels {
    /// To the left of the bar.
    Left,
    /// To its right, if there is no memory.
    Right,
    /// In a list below, for parts that remain in the file; the others are labelled by the memory that they
    /// become.
    Below,
}

/// The width for which a picture is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// 1080 pixels: file and memory have labels on their outer sides.
    Wide,
    /// 640 pixels: labels on one side.
    Middle,
    /// 320 pixels, as on phones: the same, and an address space below the file.
    Narrow,
}

impl Width {
    /// All, with their CSS classes in a page.
    pub(crate) const ALL: [(Self, &str); 3] =
        [(Self::Wide, "wide"), (Self::Middle, "middle"), (Self::Narrow, "narrow")];
}

/// The margin of a picture.
pub(crate) const MARGIN: f64 = 12.0;

/// The horizontal positions of a picture's columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// The width without the margins.
    pub(crate) width: f64,
    /// The left edge and the width of the file's bar.
    pub(crate) file: (f64, f64),
    /// The same for memory.
    pub(crate) memory: (f64, f64),
    pub(crate) file_labels: FileLabels,
    /// The width of the ruler of pages.
    pub(crate) ruler: f64,
    /// The length of the line from a bar to its label.
    pub(crate) leader: f64,
    /// Where address spaces that are trees begin; `None` puts them below the file.
    pub(crate) tree: Option<f64>,
    pub(crate) is_narrow: bool,
}

impl Shape {
    pub(crate) fn new(view: &View, width: Width) -> Self {
        let has_strips = view.memory.iter().any(|memory| memory.tree.is_empty());
        let has_trees = view.memory.iter().any(|memory| !memory.tree.is_empty());
        let one_sided = |width: f64, bar: f64, leader: f64| Self {
            width,
            file: (0.0, bar),
            memory: (0.0, 0.0),
            file_labels: FileLabels::Right,
            ruler: 0.0,
            leader,
            tree: None,
            is_narrow: width < 500.0,
        };
        match width {
            Width::Wide if has_strips => Self {
                file: (380.0, 52.0),
                memory: (560.0, 64.0),
                file_labels: FileLabels::Left,
                ruler: 24.0,
                ..one_sided(1056.0, 0.0, 16.0)
            },
            Width::Wide if has_trees => Self {
                file: (330.0, 52.0),
                file_labels: FileLabels::Left,
                tree: Some(440.0),
                ..one_sided(1056.0, 0.0, 16.0)
            },
            Width::Middle if has_strips => Self {
                memory: (130.0, 56.0),
                file_labels: FileLabels::Below,
                ruler: 24.0,
                ..one_sided(616.0, 46.0, 16.0)
            },
            Width::Narrow if has_strips => Self {
                memory: (66.0, 40.0),
                file_labels: FileLabels::Below,
                ruler: 6.0,
                ..one_sided(296.0, 34.0, 6.0)
            },
            Width::Wide | Width::Middle => one_sided(616.0, 64.0, 16.0),
            Width::Narrow => one_sided(296.0, 44.0, 6.0),
        }
    }

    /// Where the line to a label of memory begins, and where the label begins.
    pub(crate) fn memory_label(&self) -> (f64, f64) {
        let from = self.memory.0 + self.memory.1 + self.ruler + 8.0;
        (from, from + self.leader + 4.0)
    }

    /// The same for a label to the right of the file.
    pub(crate) fn file_label(&self) -> (f64, f64) {
        let from = self.file.0 + self.file.1 + 2.0;
        (from, from + self.leader + 4.0)
    }
}
