//! What other slices of this area may know of signs: where, when and what.

use super::store::{self, SignError, SignFilter};
use ::store::Store;
use detectors::Span;
use jiff::Timestamp;
use registry::{FactorId, PointId};

/// A sign as other slices see it.
#[derive(Clone, Debug)]
pub(crate) struct ToldSign {
    /// Its number.
    pub(crate) id: i64,
    /// The detector's word.
    pub(crate) detector: &'static str,
    /// The outlet.
    pub(crate) point: PointId,
    /// The factor, if it is about one.
    pub(crate) factor: Option<FactorId>,
    /// When.
    pub(crate) span: Span,
}

/// Signs that stand and lasted beyond a time, at these points or everywhere.
pub(crate) async fn told(
    store: &Store,
    points: Option<&[PointId]>,
    since: Timestamp,
) -> Result<Vec<ToldSign>, SignError> {
    let points = points.map(<[PointId]>::to_vec);
    let filter = SignFilter { ended_after: Some(since), points, with_withdrawn: false };
    let signs = store::signs(store, &filter).await?;
    Ok(signs
        .into_iter()
        .map(|sign| ToldSign {
            id: sign.id,
            detector: sign.detector.as_str(),
            point: sign.point,
            factor: sign.factor,
            span: sign.span,
        })
        .collect())
}
