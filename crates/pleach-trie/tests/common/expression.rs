//! Expressions of set algebra on maps and on the oracle, compared at each step.

use super::lattice::{Value, assert_is};
use pleach_ptr::PtrKind;
use pleach_testkit::{Model, Rule, Step};
use pleach_trie::PathMap;

/// Runs a program on a stack of maps and on one of models.
pub(crate) fn run<V: Value, K: PtrKind>(steps: &[Step]) {
    let mut stack: Vec<(PathMap<V, K>, Model<V>)> = Vec::new();
    for step in steps {
        match step {
            Step::Push(entries, paths) => {
                let (mut map, mut model) = (PathMap::default(), Model::new());
                for (key, seed) in entries {
                    map.insert(key, V::of(*seed));
                    model.insert(key, V::of(*seed));
                }
                for path in paths {
                    map.create_path(path);
                    model.create_path(path);
                }
                stack.push((map, model));
            }
            Step::Clone(depth) => stack.extend(stack.iter().nth_back(*depth).cloned()),
            Step::Insert(key, seed) => {
                if let Some((map, model)) = stack.last_mut() {
                    map.insert(key, V::of(*seed));
                    model.insert(key, V::of(*seed));
                }
            }
            Step::Remove(key, prune) => {
                if let Some((map, model)) = stack.last_mut() {
                    map.remove_val_at(key, *prune);
                    model.remove_val_at(key, *prune);
                }
            }
            Step::Combine(rule, by_keys) => {
                let (Some(right), Some(left)) = (stack.pop(), stack.pop()) else {
                    stack.clear();
                    continue;
                };
                let result = combine(*rule, *by_keys, &left, &right);
                assert_is(&result.0, &result.1, "the result of an expression");
                assert_is(&left.0, &left.1, "the left of an expression");
                assert_is(&right.0, &right.1, "the right of an expression");
                stack.push(result);
            }
        }
    }
}

fn combine<V: Value, K: PtrKind>(
    rule: Rule,
    by_keys: bool,
    (a, x): &(PathMap<V, K>, Model<V>),
    (b, y): &(PathMap<V, K>, Model<V>),
) -> (PathMap<V, K>, Model<V>) {
    let keeps = matches!(rule, Rule::Union | Rule::Intersection);
    let map = match (rule, by_keys) {
        (Rule::Union, true) => a.union(b),
        (Rule::Union, false) => a.join(b),
        (Rule::Intersection, true) => a.intersection(b),
        (Rule::Intersection, false) => a.meet(b),
        (Rule::Difference, true) => a.difference(b),
        (Rule::Difference, false) => a.subtract(b),
        (Rule::SymmetricDifference, _) => a.symmetric_difference(b),
        (Rule::Restriction, _) => a.restrict(b),
    };
    let model = x.combine(y, rule, |a, b| match rule {
        Rule::Union if !by_keys => a.pjoin(b).into_option([a, b]),
        Rule::Intersection if !by_keys => a.pmeet(b).into_option([a, b]),
        Rule::Difference if !by_keys => a.psubtract(b).into_option([a, b]),
        _ => keeps.then(|| a.clone()),
    });
    (map, model)
}
