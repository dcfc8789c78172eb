//! Heap bytes per key, beside what the text itself would take.

use super::{Figure, INK, WIDTH, color, figure, write};
use crate::report::{CaseReport, short};
use crate::trie::BYTES;
use anyhow::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

const LABELS: i32 = 96;
const RIGHT: i32 = 56;
const BAR: i32 = 20;
/// A dark grey for what is not an engine.
const TEXT: RGBColor = RGBColor(0x99, 0x99, 0x99);

/// One block of bars a set: the text, the text front-coded, the engines.
pub(crate) fn bytes(sets: &[&CaseReport]) -> Result<Vec<Figure>> {
    let counted = sets.iter().filter(|set| set.rows().any(|row| row == BYTES));
    let blocks: Vec<_> = counted.map(|set| (set, bars(set))).collect();
    if blocks.is_empty() {
        return Ok(Vec::new());
    }
    let longest = blocks
        .iter()
        .flat_map(|(_, bars)| bars)
        .map(|bar| bar.1)
        .fold(1.0, f64::max);
    let rows: usize = blocks.iter().map(|(_, bars)| bars.len() + 2).sum();
    let scale = f64::from(WIDTH.cast_signed() - LABELS - RIGHT) / longest;
    let title = "Heap bytes per key, values included";
    let plot = figure(
        title.to_owned(),
        BAR.unsigned_abs() * u32::try_from(rows)?,
        |canvas| {
            let mut top = 0;
            for (set, bars) in &blocks {
                let heading = (LABELS, top + BAR / 2 + 4);
                write(canvas, set.name, heading, 15, HPos::Left, INK)?;
                top += BAR + 4;
                for (name, bytes, color) in bars {
                    let middle = top + BAR / 2;
                    let end = LABELS + (bytes * scale).round() as i32;
                    write(canvas, name, (LABELS - 8, middle), 13, HPos::Right, INK)?;
                    let corners = [(LABELS, top + 2), (end, top + BAR - 2)];
                    canvas.draw(&Rectangle::new(corners, color.filled()))?;
                    write(
                        canvas,
                        &short(*bytes),
                        (end + 6, middle),
                        13,
                        HPos::Left,
                        INK,
                    )?;
                    top += BAR;
                }
                top += BAR - 4;
            }
            Ok(())
        },
    )?;
    Ok(vec![plot])
}

/// What a set's bars are called, how long they are, and their colours.
fn bars(set: &CaseReport) -> Vec<(&'static str, f64, RGBColor)> {
    let text = set.text.into_iter();
    let text = text.flat_map(|text| {
        [
            ("raw text", text.raw, TEXT),
            ("front-coded", text.front_coded, TEXT),
        ]
    });
    let columns = set.columns.iter().enumerate();
    let engines = columns.filter_map(|(index, &column)| {
        let bytes = set.min(BYTES.key, column.name)?;
        Some((column.name, bytes, color(index, column)))
    });
    text.chain(engines).collect()
}
