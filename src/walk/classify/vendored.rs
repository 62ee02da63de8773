//! Other people's code, told by the folders that it lies in.

use super::folders;

/// Folders of other people's code, at any depth.
const VENDORED_FOLDERS: &[&str] = &[
    "node_modules",
    "bower_components",
    "jspm_packages",
    "site-packages",
    "third_party",
    "third-party",
    "thirdparty",
    "3rdparty",
    "_vendor",
    "_vendored",
    "vendored",
    "pods",
    "carthage",
];

/// Folders of assets: a `vendor` below one holds other people's code.
const ASSET_FOLDERS: &[&str] = &[
    "static",
    "assets",
    "public",
    "js",
    "css",
    "scss",
    "javascript",
    "javascripts",
    "stylesheets",
    "lib",
    "libs",
    "www",
];

/// `vendor` is also a word of business (suppliers), so it counts only where
/// tools put it: at the top, below assets, or above a folder that is a host
/// name, as Go lays it out.
pub(super) fn is_vendored(lower: &str) -> bool {
    let folders: Vec<&str> = folders(lower).collect();
    let is_vendor = |at: usize| {
        matches!(folders[at], "vendor" | "vendors")
            && (at == 0
                || folders[..at].iter().any(|folder| ASSET_FOLDERS.contains(folder))
                || folders.get(at + 1).is_some_and(|next| next.contains('.')))
    };
    folders.iter().any(|folder| VENDORED_FOLDERS.contains(folder)) || (0..folders.len()).any(is_vendor)
}
