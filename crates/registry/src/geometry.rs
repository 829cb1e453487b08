//! Boundaries of divisions: read from GeoJSON, asked whether a place lies inside.
//!
//! Drawn and simplified lines are good for maps and for finding gross errors, not for deciding to
//! which side a place near a border belongs.

use crate::model::Position;
use serde::Deserialize;

/// Why a text is no collection of boundaries.
#[derive(Debug, thiserror::Error)]
#[error("no GeoJSON of boundaries: {0}")]
pub struct GeometryError(#[from] serde_json::Error);

/// A ring of longitude and latitude, closed.
type Ring = Vec<[f64; 2]>;

#[derive(Deserialize)]
struct Collection {
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    properties: Properties,
    geometry: Geometry,
}

#[derive(Deserialize)]
struct Properties {
    code: String,
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Polygon(Vec<Ring>),
    MultiPolygon(Vec<Vec<Ring>>),
}

/// The boundaries of some divisions.
#[derive(Clone, Debug)]
pub struct Boundaries {
    areas: Vec<(String, Vec<Vec<Ring>>)>,
}

impl Boundaries {
    /// Reads a feature collection of polygons whose property `code` names the division.
    ///
    /// # Errors
    /// When the text is not that.
    pub fn parse(geojson: &[u8]) -> Result<Self, GeometryError> {
        let collection: Collection = serde_json::from_slice(geojson)?;
        let areas = collection.features.into_iter().map(|feature| {
            let polygons = match feature.geometry {
                Geometry::Polygon(rings) => vec![rings],
                Geometry::MultiPolygon(polygons) => polygons,
            };
            (feature.properties.code, polygons)
        });
        Ok(Self { areas: areas.collect() })
    }

    /// The codes of the divisions drawn.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.areas.iter().map(|(code, _)| code.as_str())
    }

    /// Whether the place lies in the division; `None` where the division is not drawn.
    pub fn contains(&self, code: &str, position: Position) -> Option<bool> {
        let mut drawn = self.areas.iter().filter(|(area, _)| area == code).peekable();
        drawn.peek()?;
        Some(drawn.any(|(_, polygons)| inside(polygons, position)))
    }

    /// The division in which the place lies.
    pub fn division_at(&self, position: Position) -> Option<&str> {
        let found = self.areas.iter().find(|(_, polygons)| inside(polygons, position));
        found.map(|(code, _)| code.as_str())
    }
}

/// Inside one of the polygons, by the even-odd rule over all its rings, holes included.
fn inside(polygons: &[Vec<Ring>], position: Position) -> bool {
    polygons.iter().any(|rings| {
        let crossings: usize = rings.iter().map(|ring| crossings(ring, position)).sum();
        crossings % 2 == 1
    })
}

/// How often a ray to the east crosses the ring.
fn crossings(ring: &[[f64; 2]], Position { longitude, latitude }: Position) -> usize {
    let edges = ring.iter().zip(ring.iter().cycle().skip(1));
    edges
        .filter(|([x1, y1], [x2, y2])| {
            (y1 > &latitude) != (y2 > &latitude)
                && longitude < (x2 - x1) * (latitude - y1) / (y2 - y1) + x1
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE_WITH_HOLE: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature",
        "properties":{"code":"1"},"geometry":{"type":"Polygon","coordinates":[
        [[0,0],[4,0],[4,4],[0,4],[0,0]],[[1,1],[2,1],[2,2],[1,2],[1,1]]]}}]}"#;

    fn at(longitude: f64, latitude: f64) -> Position {
        Position { longitude, latitude }
    }

    #[test]
    fn holes_are_outside() {
        let areas = Boundaries::parse(SQUARE_WITH_HOLE.as_bytes()).expect("valid");
        assert_eq!(areas.contains("1", at(3.0, 3.0)), Some(true));
        assert_eq!(areas.contains("1", at(1.5, 1.5)), Some(false));
        assert_eq!(areas.contains("1", at(5.0, 1.5)), Some(false));
        assert_eq!(areas.contains("2", at(3.0, 3.0)), None);
        assert_eq!(areas.division_at(at(0.5, 0.5)), Some("1"));
        assert_eq!(areas.division_at(at(-0.5, 0.5)), None);
    }

    #[test]
    fn other_shapes_are_refused() {
        let point = SQUARE_WITH_HOLE.replace("Polygon", "Point");
        assert!(Boundaries::parse(point.as_bytes()).is_err());
        assert!(Boundaries::parse(b"{}").is_err());
    }
}
