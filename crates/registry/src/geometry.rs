//! Boundaries of divisions: read from GeoJSON, asked whether a place lies inside.
//!
//! Drawn and simplified lines are good for maps and for finding gross errors, not for deciding to
//! which side a place near a border belongs.

use crate::model::Position;
use serde::Deserialize;

/// Where a city keeps its boundaries; [`crate::store::city_file`] gives the text.
pub const BOUNDARIES_FILE: &str = "geo/boundaries.geojson";

/// Why a text is no collection of boundaries.
#[derive(Debug, thiserror::Error)]
#[error("no GeoJSON of boundaries: {0}")]
pub struct GeometryError(#[from] serde_json::Error);

impl GeometryError {
    /// The line on which reading stopped, counted from one.
    pub fn line(&self) -> u64 {
        self.0.line() as u64
    }
}

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

    /// A place well inside the division, for its name or for what is only known to be somewhere in
    /// it: the middle of its widest stretch from west to east.
    pub fn middle(&self, code: &str) -> Option<Position> {
        let of_code = self.areas.iter().filter(|(area, _)| area == code);
        let polygons: Vec<&Vec<Ring>> = of_code.flat_map(|(_, polygons)| polygons).collect();
        let latitudes = polygons.iter().flat_map(|rings| rings.iter().flatten()).map(|[_, y]| *y);
        let (south, north) = latitudes
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), y| (low.min(y), high.max(y)));
        let lines = (1..SCAN_LINES)
            .map(|line| south + (north - south) * f64::from(line) / f64::from(SCAN_LINES));
        lines
            .flat_map(|latitude| polygons.iter().flat_map(move |rings| chords(rings, latitude)))
            .max_by(|one, other| one.width.total_cmp(&other.width))
            .map(|chord| chord.middle)
    }

    /// The division in which the place lies.
    pub fn division_at(&self, position: Position) -> Option<&str> {
        let found = self.areas.iter().find(|(_, polygons)| inside(polygons, position));
        found.map(|(code, _)| code.as_str())
    }
}

/// How finely [`Boundaries::middle`] looks from south to north.
const SCAN_LINES: u32 = 64;

/// A stretch of a parallel inside a polygon.
struct Chord {
    width: f64,
    middle: Position,
}

fn chords(rings: &[Ring], latitude: f64) -> Vec<Chord> {
    let edges = rings.iter().flat_map(edges);
    let mut crossed: Vec<f64> =
        edges.filter_map(|edge| crossing_longitude(edge, latitude)).collect();
    crossed.sort_by(f64::total_cmp);
    let pairs = crossed.chunks_exact(2);
    pairs
        .map(|pair| {
            let longitude = f64::midpoint(pair[0], pair[1]);
            Chord { width: pair[1] - pair[0], middle: Position { longitude, latitude } }
        })
        .collect()
}

type Edge<'a> = (&'a [f64; 2], &'a [f64; 2]);

fn edges(ring: &Ring) -> impl Iterator<Item = Edge<'_>> {
    ring.iter().zip(ring.iter().cycle().skip(1))
}

/// Where an edge crosses a parallel; an end that lies on it counts as north of it.
fn crossing_longitude(([x1, y1], [x2, y2]): Edge<'_>, latitude: f64) -> Option<f64> {
    let crosses = (*y1 >= latitude) != (*y2 >= latitude);
    crosses.then(|| (x2 - x1) * (latitude - y1) / (y2 - y1) + x1)
}

/// Inside one of the polygons, by the even-odd rule over all its rings, holes included.
fn inside(polygons: &[Vec<Ring>], position: Position) -> bool {
    polygons.iter().any(|rings| {
        let crossings: usize = rings.iter().map(|ring| crossings(ring, position)).sum();
        crossings % 2 == 1
    })
}

/// How often a ray to the east crosses the ring.
fn crossings(ring: &Ring, Position { longitude, latitude }: Position) -> usize {
    edges(ring)
        .filter_map(|edge| crossing_longitude(edge, latitude))
        .filter(|crossing| longitude < *crossing)
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
    fn the_middle_lies_inside_also_of_a_horseshoe() {
        let horseshoe = r#"{"features":[{"properties":{"code":"1"},"geometry":{"type":"Polygon",
            "coordinates":[[[0,0],[9,0],[9,9],[6,9],[6,1],[3,1],[3,9],[0,9],[0,0]]]}}]}"#;
        for text in [SQUARE_WITH_HOLE, horseshoe] {
            let areas = Boundaries::parse(text.as_bytes()).expect("valid");
            let middle = areas.middle("1").expect("drawn");
            assert_eq!(areas.contains("1", middle), Some(true), "{middle:?}");
            assert!(areas.middle("2").is_none());
        }
    }

    #[test]
    fn other_shapes_are_refused() {
        let point = SQUARE_WITH_HOLE.replace("Polygon", "Point");
        assert!(Boundaries::parse(point.as_bytes()).is_err());
        assert!(Boundaries::parse(b"{}").is_err());
    }
}
