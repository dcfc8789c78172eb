//! Curves on two logarithmic axes, one a column, each named at its end.

use super::{Figure, INK, PALE, color, figure, write};
use crate::race::{Column, Side};
use anyhow::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;
use std::ops::Range;

const HEIGHT: u32 = 340;
const LEFT: i32 = 58;
const RIGHT: i32 = 124;
const TOP: i32 = 14;
const BOTTOM: i32 = 44;
/// Names closer than this would touch.
const LINE: i32 = 16;

/// A column's points.
pub(super) type Curve = (Column, Vec<(f64, f64)>);

/// A figure of these curves. The x axis has a tick at each `x`, with its name.
pub(super) fn lines(
    title: String,
    x_axis: &str,
    x_ticks: &[(f64, String)],
    y_axis: &str,
    curves: &[Curve],
) -> Result<Figure> {
    let ys = curves
        .iter()
        .flat_map(|(_, points)| points)
        .map(|&(_, y)| y);
    let y_range = around(ys);
    let x_range = around(x_ticks.iter().map(|&(x, _)| x));
    let (right, bottom) = (
        super::WIDTH.cast_signed() - RIGHT,
        HEIGHT.cast_signed() - BOTTOM,
    );
    let x_of = |x: f64| LEFT + share(x, &x_range, right - LEFT);
    let y_of = |y: f64| bottom - share(y, &y_range, bottom - TOP);
    figure(title, HEIGHT, |canvas| {
        for (x, name) in x_ticks {
            let x = x_of(*x);
            canvas.draw(&PathElement::new([(x, TOP), (x, bottom)], PALE))?;
            write(canvas, name, (x, bottom + 14), 14, HPos::Center, INK)?;
        }
        for y in ticks(&y_range) {
            let (name, y) = (short_tick(y), y_of(y));
            canvas.draw(&PathElement::new([(LEFT, y), (right, y)], PALE))?;
            write(canvas, &name, (LEFT - 8, y), 14, HPos::Right, INK)?;
        }
        let below = ((LEFT + right) / 2, bottom + 34);
        write(canvas, x_axis, below, 13, HPos::Center, INK)?;
        write(canvas, y_axis, (LEFT + 6, TOP + 8), 13, HPos::Left, INK)?;
        let mut names = Vec::new();
        // Ours last, so that it lies on top.
        for (index, (column, points)) in curves.iter().enumerate().rev() {
            let width = if column.side == Side::Ours { 4 } else { 2 };
            let color = color(index, *column);
            let style = color.stroke_width(width);
            let points: Vec<_> = points.iter().map(|&(x, y)| (x_of(x), y_of(y))).collect();
            for &point in &points {
                canvas.draw(&Circle::new(point, 4, color.filled()))?;
            }
            names.extend(points.last().map(|&(_, y)| (y, column.name, color)));
            canvas.draw(&PathElement::new(points, style))?;
        }
        names.sort_unstable_by_key(|&(y, name, _)| (y, name));
        let places = apart(&names.iter().map(|&(y, ..)| y).collect::<Vec<_>>(), bottom);
        for (&(_, name, color), y) in names.iter().zip(places) {
            let place = (right + 12, y);
            write(canvas, name, place, 14, HPos::Left, color)?;
        }
        Ok(())
    })
}

/// A range with a little air around the figures.
fn around(figures: impl Iterator<Item = f64> + Clone) -> Range<f64> {
    let least = figures.clone().fold(f64::INFINITY, f64::min);
    let most = figures.fold(f64::MIN_POSITIVE, f64::max);
    least.min(most) / 1.15..most * 1.15
}

/// Where on a logarithmic axis of `length` pixels a figure lies.
fn share(figure: f64, range: &Range<f64>, length: i32) -> i32 {
    let part = (figure / range.start).ln() / (range.end / range.start).ln();
    (part * f64::from(length)).round() as i32
}

/// Round figures in a range, the fewer the wider it is.
fn ticks(range: &Range<f64>) -> Vec<f64> {
    let steps: &[f64] = match range.end / range.start {
        1_000.0.. => &[1.0],
        8.0.. => &[1.0, 2.0, 5.0],
        _ => &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0],
    };
    let powers = range.start.log10().floor() as i32..=range.end.log10().floor() as i32;
    powers
        .flat_map(|power| steps.iter().map(move |step| step * 10_f64.powi(power)))
        .filter(|tick| range.contains(tick))
        .collect()
}

fn short_tick(tick: f64) -> String {
    if tick < 2.0 {
        format!("{tick:.1}")
    } else {
        format!("{tick:.0}")
    }
}

/// Sorted places moved apart, so that names written there do not touch.
fn apart(places: &[i32], bottom: i32) -> Vec<i32> {
    let mut places = places.to_vec();
    for i in 1..places.len() {
        places[i] = places[i].max(places[i - 1] + LINE);
    }
    // What was pushed out at the foot comes back.
    let mut limit = bottom;
    for place in places.iter_mut().rev() {
        *place = (*place).min(limit);
        limit = *place - LINE;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_touch_nor_leave_the_plot() {
        assert_eq!(apart(&[10, 12, 90], 200), [10, 26, 90]);
        assert_eq!(apart(&[98, 99, 100], 100), [68, 84, 100]);
        assert!(apart(&[], 100).is_empty());
    }

    #[test]
    fn ticks_lie_in_the_range() {
        assert_eq!(ticks(&(15.0..220.0)), [20.0, 50.0, 100.0, 200.0]);
        assert_eq!(
            ticks(&(0.5..20_000.0)),
            [1.0, 10.0, 100.0, 1_000.0, 10_000.0]
        );
    }

    #[test]
    fn a_logarithmic_axis_has_equal_steps_for_equal_factors() {
        let range = 1.0..100.0;
        assert_eq!(
            [1.0, 10.0, 100.0].map(|x| share(x, &range, 200)),
            [0, 100, 200]
        );
    }
}
