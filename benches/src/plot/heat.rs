//! The ratio to the best peer, for each row and case.

use super::{Canvas, Figure, INK, PALE, WIDTH, figure, write};
use crate::race::Row;
use crate::report::CaseReport;
use anyhow::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

const LABELS: i32 = 236;
const HEADER: i32 = 28;
const ROW: i32 = 38;

/// Rows are uses, columns are cases; above 1 we are ahead.
pub(crate) fn heat(sets: &[&CaseReport]) -> Result<Vec<Figure>> {
    let mut rows: Vec<Row> = Vec::new();
    for row in sets.iter().flat_map(|set| set.rows()) {
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let height = HEADER + ROW * i32::try_from(rows.len())? + 4;
    let column = (i32::try_from(WIDTH)? - LABELS) / i32::try_from(sets.len())?;
    let title = "Best peer's figure as a multiple of ours: above 1 we are ahead, below 1 behind";
    let plot = figure(title.to_owned(), height.unsigned_abs(), |canvas| {
        for (set, left) in sets
            .iter()
            .zip((LABELS..).step_by(column.unsigned_abs() as usize))
        {
            let middle = (left + column / 2, HEADER / 2);
            write(canvas, set.name, middle, 15, HPos::Center, INK)?;
        }
        for (&row, top) in rows.iter().zip((HEADER..).step_by(ROW as usize)) {
            let label = (LABELS - 10, top + ROW / 2);
            write(canvas, row.title, label, 14, HPos::Right, INK)?;
            for (set, left) in sets
                .iter()
                .zip((LABELS..).step_by(column.unsigned_abs() as usize))
            {
                tile(canvas, set, row, [(left, top), (left + column, top + ROW)])?;
            }
        }
        Ok(())
    })?;
    Ok(vec![plot])
}

fn tile(canvas: &Canvas<'_>, set: &CaseReport, row: Row, area: [(i32, i32); 2]) -> Result<()> {
    let [(left, top), (right, bottom)] = area;
    let middle = (left + right) / 2;
    let best = set.best_peer(row.key);
    let strength = best.map_or(0.0, |(_, ratio)| strength(ratio));
    let fill = shade(strength).filled();
    canvas.draw(&Rectangle::new([(left, top), (right, bottom)], fill))?;
    canvas.draw(&Rectangle::new([(left, top), (right, bottom)], PALE))?;
    let ink = if strength.abs() > 0.4 { WHITE } else { INK };
    let Some((peer, ratio)) = best else {
        return write(
            canvas,
            "-",
            (middle, (top + bottom) / 2),
            15,
            HPos::Center,
            ink,
        );
    };
    let number = format!("{ratio:.2}");
    write(canvas, &number, (middle, top + 14), 16, HPos::Center, ink)?;
    write(canvas, peer, (middle, bottom - 9), 11, HPos::Center, ink)
}

/// How far a ratio is from a tie: 1 for four times ahead or more, -1 for four times behind.
fn strength(ratio: f64) -> f64 {
    (ratio.log2() / 2.0).clamp(-1.0, 1.0)
}

/// White for a tie, blue for a win, orange for a loss: both are as dark for as far a distance.
fn shade(strength: f64) -> RGBColor {
    let (red, green, blue) = if strength > 0.0 {
        (0x0b, 0x50, 0x9d)
    } else {
        (0xb3, 0x4a, 0x00)
    };
    let mix = |full: u8| {
        let part = (255.0 - f64::from(full)) * strength.abs().powf(0.7);
        255 - part.round() as u8
    };
    RGBColor(mix(red), mix(green), mix(blue))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wins_and_losses_are_as_strong() {
        assert_eq!(strength(2.0), -strength(0.5));
        assert_eq!(
            [strength(1.0), strength(100.0), strength(0.0)],
            [0.0, 1.0, -1.0]
        );
    }

    #[test]
    fn a_tie_is_white() {
        assert_eq!(shade(0.0), WHITE);
        assert_eq!(shade(1.0), RGBColor(0x0b, 0x50, 0x9d));
        assert_eq!(shade(-1.0), RGBColor(0xb3, 0x4a, 0x00));
    }
}
