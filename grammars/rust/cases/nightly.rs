//! Items that only nightly compiles.

/// A macro of the new kind.
pub macro decl($x:expr) {
    $x
}

macro rules {
    ($a:ident) => { struct $a; },
    () => {},
}

/// Both of them.
pub trait Al<T> = Clone + Into<T> where T: Copy;
trait Short = [const] Send + 'static;

pub unsafe auto trait Marker {}

const trait Default2 {
    fn default() -> Self;
}

impl<T: [const] Default2> const Default2 for Vec<T> {
    fn default() -> Self { Vec::new() }
}

default impl Default2 for u8 {
    default fn default() -> Self { 0 }
}

pub gen fn numbers() -> u8 {
    yield 1;
}

unsafe extern "C" {
    pub type Opaque;
    pub safe fn sqrt(x: f64) -> f64;
    pub unsafe fn free(x: *mut u8);
}

pub struct Defaults {
    pub mut(crate) a: u8 = 1,
    pub b: Vec<u8> = Vec::new(),
    unsafe c: u8,
}

pub impl(crate) trait Closed {
    type const N: usize;
    fn closed(&pin mut self);
}

impl Closed for u8 {
    reuse <Self as Other>::closed2 { self.0 }
    fn closed(&self) where Self: Other<get(..): Send> {
        super let x = 1;
        do yeet x;
    }
}

fn after<F: async Fn(u8) -> u8>(f: F, g: impl const Closed) -> ! {
    let h = for<'a> |x: &'a u8| 1.0f16;
    match g { Err(!) => {}, Ok(box y) => become k(y) }
}
