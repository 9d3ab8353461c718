use std::io::{BufRead, Read};

/// What a [`Meter`] found too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RanOut {
    Unpacked,
    Token,
}

/// Counts what is really unpacked, in all and since the last token, and stops when either is too much.
pub(crate) struct Meter<R> {
    inner: R,
    pub total: u64,
    allowed: u64,
    pub token: u64,
    pub token_allowed: u64,
    pub ran_out: Option<RanOut>,
}

impl<R> Meter<R> {
    pub fn new(inner: R, allowed: u64) -> Self {
        Self { inner, total: 0, allowed, token: 0, token_allowed: u64::MAX, ran_out: None }
    }
}

impl<R: BufRead> Read for Meter<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let chunk = self.fill_buf()?;
        let length = chunk.len().min(out.len());
        out[..length].copy_from_slice(&chunk[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Meter<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.total > self.allowed {
            self.ran_out = Some(RanOut::Unpacked);
        } else if self.token > self.token_allowed {
            self.ran_out = Some(RanOut::Token);
        }
        if self.ran_out.is_some() {
            return Err(std::io::Error::other("太大"));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.total += amount as u64;
        self.token += amount as u64;
        self.inner.consume(amount);
    }
}
