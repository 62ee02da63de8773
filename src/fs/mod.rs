//! Access to files: [`confined`] opens below a folder and through no link,
//! [`atomic`] writes whole files. What the files say is the callers' business.

pub mod atomic;
pub mod confined;
