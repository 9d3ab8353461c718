//! How a command ends when not well: an exit code and words for the operator.

use crate::terminal;
use daylight_app::{imports::run::RunError, ops::RotateError};
use daylight_db::{DbErr, OpenError};
use daylight_vault::VaultError;
use std::process::ExitCode;

/// 0 done · 1 failed · 2 wrong usage · 3 refused.
#[derive(Debug)]
pub struct Stop {
    code: u8,
    message: String,
    /// It may work a little later: a server that is not up yet.
    passing: bool,
}

/// What a command gives back.
pub type Outcome<T = ()> = Result<T, Stop>;

impl Stop {
    /// It did not work.
    pub fn failed(message: impl Into<String>) -> Stop {
        Stop { code: 1, message: message.into(), passing: false }
    }

    /// It was asked for wrongly: configuration counts as usage.
    pub fn usage(message: impl Into<String>) -> Stop {
        Stop { code: 2, message: message.into(), passing: false }
    }

    /// It could be done and must not be.
    pub fn refused(message: impl Into<String>) -> Stop {
        Stop { code: 3, message: message.into(), passing: false }
    }

    /// It failed, and the output has said so already.
    pub fn silent(code: u8) -> Stop {
        Stop { code, message: String::new(), passing: false }
    }

    /// Whether trying again may help.
    pub fn may_pass(&self) -> bool {
        self.passing
    }

    /// The same, when trying again may help.
    pub fn passing(self, passing: bool) -> Stop {
        Stop { passing, ..self }
    }

    /// The words.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// In JSON mode the program that reads gets the words too.
    pub fn in_json(self, json: bool) -> Stop {
        if json && !self.message.is_empty() {
            terminal::out(&serde_json::json!({ "error": self.message }).to_string());
        }
        self
    }

    /// Says the words on standard error.
    pub fn say(&self) -> ExitCode {
        if !self.message.is_empty() {
            terminal::err(&self.message);
        }
        ExitCode::from(self.code)
    }
}

impl From<OpenError> for Stop {
    fn from(error: OpenError) -> Stop {
        let passing = matches!(&error, OpenError::Database(error) if daylight_db::is_unavailable(error));
        Stop::failed(error.to_string()).passing(passing)
    }
}

impl From<VaultError> for Stop {
    fn from(error: VaultError) -> Stop {
        Stop::failed(error.to_string())
    }
}

impl From<DbErr> for Stop {
    fn from(error: DbErr) -> Stop {
        Stop::failed(format!("数据库出错：{error}")).passing(daylight_db::is_unavailable(&error))
    }
}

impl From<RunError> for Stop {
    fn from(error: RunError) -> Stop {
        Stop::failed(error.to_string())
    }
}

impl From<RotateError> for Stop {
    fn from(error: RotateError) -> Stop {
        Stop::failed(error.to_string())
    }
}

/// A file operation's failure, with what to do about the common ones.
pub fn file_error(path: &std::path::Path, error: &std::io::Error) -> Stop {
    use std::io::ErrorKind as Kind;
    let path = path.display();
    Stop::failed(match error.kind() {
        Kind::PermissionDenied => format!("没有权限读写 {path}。请用目录的属主运行，或修改目录权限。"),
        Kind::StorageFull | Kind::QuotaExceeded => format!("磁盘已满，无法写入 {path}。请先清理空间。"),
        Kind::ReadOnlyFilesystem => format!("{path} 所在的磁盘是只读的，无法写入。"),
        Kind::NotFound => format!("找不到 {path}。请检查路径。"),
        Kind::NotADirectory => format!("{path} 不是目录。请换一个路径。"),
        _ => format!("无法读写 {path}：{error}"),
    })
}
