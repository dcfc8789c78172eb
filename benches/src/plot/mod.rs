//! Plots, as SVG to stand in a page.

mod bytes;
mod growth;
mod heat;
mod lines;
mod threads;

pub(crate) use bytes::bytes;
pub(crate) use growth::growth;
pub(crate) use heat::heat;
pub(crate) use threads::threads;

use crate::race::{Column, Side};
use anyhow::Result;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// A plot and what stands above it.
#[derive(Debug)]
pub(crate) struct Figure {
    /// What it shows.
    pub(crate) title: String,
    /// The plot.
    pub(crate) svg: String,
}

/// All plots have one width, so that their letters have one size.
const WIDTH: u32 = 560;
const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
const PALE: RGBColor = RGBColor(0xdd, 0xdd, 0xdd);

type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A plot of this height, drawn by `draw`.
fn figure(
    title: String,
    height: u32,
    draw: impl FnOnce(&Canvas<'_>) -> Result<()>,
) -> Result<Figure> {
    let mut svg = String::new();
    let canvas = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
    draw(&canvas)?;
    canvas.present()?;
    drop(canvas);
    Ok(Figure { title, svg })
}

/// Writes `words` at a point, which lies in the middle of their height.
fn write(
    canvas: &Canvas<'_>,
    words: &str,
    at: (i32, i32),
    size: u32,
    align: HPos,
    color: RGBColor,
) -> Result<()> {
    let font = ("sans-serif", size).into_font().color(&color);
    let style = font.pos(Pos::new(align, VPos::Center));
    Ok(canvas.draw(&Text::new(words.to_owned(), at, style))?)
}

/// Colours that the colour-blind can tell apart, after Okabe and Ito; ours is black. `index` is the
/// column's place in its table.
fn color(index: usize, column: Column) -> RGBColor {
    const OTHERS: [RGBColor; 7] = [
        RGBColor(0xd5, 0x5e, 0x00),
        RGBColor(0x00, 0x72, 0xb2),
        RGBColor(0x00, 0x9e, 0x73),
        RGBColor(0xcc, 0x79, 0xa7),
        RGBColor(0xe6, 0x9f, 0x00),
        RGBColor(0x56, 0xb4, 0xe9),
        RGBColor(0x88, 0x88, 0x88),
    ];
    match column.side {
        Side::Ours => BLACK,
        _ => OTHERS[(index + OTHERS.len() - 1) % OTHERS.len()],
    }
}
