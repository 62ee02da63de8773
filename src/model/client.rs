//! The clients that waypost works with: one list for those who set them up, those
//! whose hooks call, and those whose conversations are read.
//!
//! Not here: their files (`setup/clients`), and what they say to a hook.

macro_rules! clients {
    ($($id:ident = $name:literal $(, $hooks:ident)?;)*) => {
        /// Names a client.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum ClientId { $($id),* }

        impl ClientId {
            /// Those that call hooks.
            pub const WITH_HOOKS: &[ClientId] = &[$($(clients!(@$hooks ClientId::$id),)?)*];

            /// The name on the command line, in reports and in the journal.
            pub fn name(self) -> &'static str {
                match self { $(Self::$id => $name),* }
            }
        }
    };
    (@hooks $id:expr) => { $id };
}

clients! {
    Claude = "claude", hooks;
    Codex = "codex", hooks;
    Copilot = "copilot", hooks;
    Vscode = "vscode", hooks;
    Cursor = "cursor", hooks;
    Gemini = "gemini", hooks;
    Qwen = "qwen", hooks;
    Opencode = "opencode", hooks;
    Amp = "amp";
    Cline = "cline", hooks;
    Windsurf = "windsurf", hooks;
    Zed = "zed";
    Goose = "goose";
    Crush = "crush";
    Junie = "junie";
    Aider = "aider";
}
