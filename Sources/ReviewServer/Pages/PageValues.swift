internal import ReviewPages

// `ReviewPages` and `Preferences` both have figures of a reader; these names are the page's.

/// A reader's figures as the page has them.
typealias PageReader = ReaderFigures
/// A share as the page has it.
typealias PageShare = Share
