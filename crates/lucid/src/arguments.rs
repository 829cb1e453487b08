//! The command line, with help that teaches.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use simulator::fraud::FraudKind;

use crate::clock::Ahead;
use crate::configuration::{Given, keys};

const ABOUT: &str =
    "Lucid 明澈: a city's environment, from the sensor to the judged value, the alert and the page";

const EXAMPLES: &str = "\
Examples:
  lucid demo                                   a living city at http://127.0.0.1:8080
  lucid init --data /var/lib/lucid             make a data folder, then:
  lucid serve --data /var/lib/lucid            receive, judge and publish
  lucid doctor                                 what is wrong here, and how to mend it
  lucid hj212 decode --hex packets.txt         what a packet says, or why it is refused
  lucid evaluate air-feed feed.json -o out.csv published index beside the recomputed one

Exit codes: 0 ok, 1 the work was done and something was found, 2 wrong use, 3 environment.
Settings come from a TOML file, environment variables and flags, in rising priority;
`lucid config show --explain` lists them all with their values and where these came from.";

/// The whole command line.
#[derive(Parser, Debug)]
#[command(name = "lucid", version = crate::opened::version(), about = ABOUT, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Args, Debug)]
pub(crate) struct Common {
    /// The data folder [default: lucid-data, of the demo: lucid-data/demo]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<String>,
    /// The configuration file [default: lucid.toml in the data folder, if there]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Speak JSON where a machine would read
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

impl Common {
    /// What the flags say about the configuration.
    pub(crate) fn given(&self) -> Given {
        let mut given = Given { file: self.config.clone(), ..Given::default() };
        if let Some(data) = &self.data {
            given.values.push((keys::DATA, "--data", data.clone()));
        }
        given
    }
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Make a data folder: configuration file, store, a city's files
    #[command(after_help = "\
Examples:
  lucid init                                   ./lucid-data with the built-in city
  lucid init --data /var/lib/lucid --city /etc/lucid/my-city --config /etc/lucid/lucid.toml

Run again after the city's files have changed: what is new is taken, nothing is lost.")]
    Init(Init),
    /// Receive from devices, judge, and serve pages and API
    #[command(after_help = "\
Examples:
  lucid serve --data /var/lib/lucid
  LUCID_HTTP_LISTEN=127.0.0.1:9000 lucid serve

At its first start it prints the operator's token. Ctrl-C or SIGTERM ends it in order.")]
    Serve(Serve),
    /// Receive from devices beside other receivers, and deliver through NATS JetStream
    #[command(after_help = "\
Examples:
  LUCID_DATABASE_URL=postgres://lucid@10.0.0.9/lucid LUCID_INTAKE_NATS=nats://10.0.0.1:4222 \
lucid receive
  lucid receive --config /etc/lucid/receiver.toml --name receiver-2 --hj212 0.0.0.0:9212

A device is answered when most servers of the stream have its packet. `lucid serve` with the same
intake.nats and database.url records and judges. docs/how-to/run-several-receivers.md tells all.")]
    Receive(Receive),
    /// A living city with invented enterprises and simulated devices
    #[command(after_help = "\
Examples:
  lucid demo                                   loads 30 days, then goes on living
  lucid demo --port 9000
  lucid demo --once                            loads, prints a summary, ends
  lucid demo --ahead 45d                       the city as it will stand in 45 days

Data stay in ./lucid-data/demo; remove that folder to begin anew. With --ahead the history reaches
to that later time, no device sends, and data stay in ./lucid-data/demo-ahead; the next start may
look further ahead, never back. Other commands keep the machine's time: sign in by the links that
the demo prints.")]
    Demo(Demo),
    /// Take files in: observations, publication feeds
    #[command(subcommand)]
    Import(Import),
    /// Give values out as CSV, XLSX, Parquet or Arrow, and their means and percentiles
    #[command(subcommand)]
    Export(Export),
    /// Judge values by the standards, without a store
    #[command(after_help = "\
Examples:
  lucid evaluate --list                        every method
  lucid evaluate air-day --explain             its columns, units, editions, clauses, an example
  lucid evaluate air-day hours.parquet -o days.parquet
  lucid evaluate air-period days.parquet --on 2025-12-31 --on 2026-03-01 -o years.csv")]
    Evaluate(Evaluate),
    /// Read the standards by which things are judged
    #[command(
        subcommand,
        after_help = "\
Examples:
  lucid standards list
  lucid standards show GB3095 --on 2026-06-01
  lucid standards show HJ633-2026
  lucid standards diff GB3095-2012 GB3095-2026
  lucid standards diff GB3095@2018-08-31 GB3095@2018-09-01"
    )]
    Standards(Standards),
    /// Decode, encode or send HJ 212 packets
    #[command(subcommand, name = "hj212")]
    Hj212(Hj212),
    /// Run a file of check values: one line for each record that fails
    #[command(after_help = "\
Examples:
  lucid conformance hj212 vectors.jsonl
  lucid conformance air vectors.csv
  lucid conformance surface-water vectors.csv

A failing record is one line `id FAIL expected … got …`; the last line is `N passed, N failed`.
Records that only one peer vouches for are reported apart. Exit code 1 when a record failed.")]
    Conformance(Conformance),
    /// Write all data into one file and a folder beside it, while the server runs
    #[command(after_help = "\
Example:
  lucid backup today.lucid

The file holds every table and can be restored into SQLite or PostgreSQL, also by a later release.
Beside it, in FILE.files, stand the files of evidence, the history, the keys and the configuration:
keep both together, and to yourself. What never changes is not copied again when the same name is
written another day. Everything is read back. Exit code 1 when something was damaged before.
backup.folder lets the server do this by itself; docs/how-to/back-up-and-restore.md tells more.")]
    Backup {
        /// The file to write
        file: PathBuf,
    },
    /// Read a backup into a new data folder or an empty database
    #[command(after_help = "\
Examples:
  lucid restore today.lucid --data /var/lib/lucid-new
  lucid restore today.lucid --check            read everything, restore nothing

A backup of an earlier release is brought to this one. What breaks off is begun again by the same
command.")]
    Restore {
        /// The file that `lucid backup` wrote
        file: PathBuf,
        /// Read every row and file, compare the digests, and change nothing
        #[arg(long)]
        check: bool,
    },
    /// Move the data to another database
    #[command(subcommand)]
    Migrate(crate::commands::migrate::Migrate),
    /// Check configuration, folder, disk, clock, ports, store and lag; say how to mend
    #[command(after_help = "\
Examples:
  lucid doctor
  lucid doctor --deep --json | jq '.[] | select(.verdict != \"ok\")'

With --deep everything that is kept is read: the database, every commit, row and revision, the files
of the history, every photograph against its hash, keys, and the public log from its first entry. It
changes nothing and works beside a running server. Exit code 1 when anything was found.")]
    Doctor {
        /// Read everything that is kept, from the first byte to the last
        #[arg(long)]
        deep: bool,
    },
    /// Show the configuration
    #[command(subcommand)]
    Config(Config),
    /// Add, list, disable, reset people, and grant them roles; also while the server runs
    #[command(subcommand)]
    User(crate::commands::user::User),
    /// Verify the log that only grows, prove an entry, show its key; also while the server runs
    #[command(subcommand)]
    Log(crate::commands::log::Log),
    /// The history: closed months as files; status, move, compact, verify, forget
    #[command(
        subcommand,
        after_help = "\
Examples:
  lucid history status                         what has moved, how large it is, what waits
  lucid history move                           what the server does once an hour, now
  lucid history verify                         reads every file; exit code 1 when one was altered
  lucid history forget                         what the settings no longer keep; --yes deletes it
  duckdb -c \"SELECT count(*) FROM read_parquet('lucid-data/history/values/**/*.parquet')\"

docs/concepts/history.md tells how it works, docs/reference/history-files.md what a file holds."
    )]
    History(crate::commands::history::History),
    /// Sources of pollution: a month of their monitoring, county by county
    #[command(subcommand)]
    Source(crate::commands::source::Source),
    /// Ask with SQL over values, history and registry, read-only; also while the server runs
    #[command(after_help = "\
Examples:
  lucid sql \"SHOW TABLES\"
  lucid sql \"SELECT name, day, aqi_day(factor, value, observed_at) AS aqi FROM observation
      WHERE kind = 'air-station' AND period = 'hour' AND is_usable GROUP BY name, day\"
  lucid sql --file question.sql -o answer.parquet
  echo \"SELECT * FROM factor\" | lucid sql --format csv

Tables and functions stand in docs/reference/sql.md and on the page /sql. It sees everything, as
whoever may read the data folder does; every question leaves an audit record.")]
    Sql(crate::commands::sql::Sql),
    /// Episodes of exceedance: list them, issue, check and recompute their evidence packets
    #[command(subcommand)]
    Evidence(crate::commands::evidence::EvidenceCommand),
    /// Discharge permits: list, check, import and export them as workbooks
    #[command(subcommand)]
    Permit(crate::commands::permit::PermitCommand),
    /// The kinds of cases: name them, check a file, draw one
    #[command(subcommand)]
    CaseKind(crate::commands::case_kind::CaseKindCommand),
    /// The checks of what people enter: name them, show one, try the files of a folder
    #[command(subcommand)]
    Checks(crate::commands::checks::ChecksCommand),
    /// The city's plan: check its files, print how every measure stands
    #[command(subcommand)]
    Plan(crate::commands::plan::PlanCommand),
}

#[derive(Args, Debug)]
pub(crate) struct Init {
    /// The city: the name of a built-in one, or a folder of a city's files
    #[arg(long, value_name = "NAME|DIR")]
    pub(crate) city: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Serve {
    /// Where pages and API are served
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) http: Option<String>,
    /// Where devices deliver
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) hj212: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Receive {
    /// Where devices deliver
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) hj212: Option<String>,
    /// Where a balancer asks whether the receiver is ready
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) http: Option<String>,
    /// The name of this receiver [default: the machine's name and the port]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Demo {
    /// Load, print a summary and end
    #[arg(long)]
    pub(crate) once: bool,
    /// The port of the pages
    #[arg(long, value_name = "N")]
    pub(crate) port: Option<u16>,
    /// Shows the city as it will stand so many days or hours later (45d, 36h)
    #[arg(long, value_name = "LENGTH")]
    pub(crate) ahead: Option<Ahead>,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Import {
    /// Values from a table (CSV or XLSX) in the form of the template
    #[command(after_help = "\
Examples:
  lucid import template observations -o values.xlsx
  lucid import observations values.xlsx
  lucid import observations values.csv --partial

A wrong row is named with line and column, and then nothing is taken. With --partial the good
rows are taken and the others written to FILE.rejected.csv, to be mended and imported again.")]
    Observations {
        /// The table
        file: PathBuf,
        /// Take the good rows and write the others to FILE.rejected.csv
        #[arg(long)]
        partial: bool,
    },
    /// The national publication of hourly air quality: JSON, XML, CSV, also packed with gzip
    #[command(after_help = "\
Example:
  lucid import air-feed 2026112316.json 2026112317.xml

Values go to the stations that the city knows by their code; others are counted. A later value of
the same hour supersedes the earlier one, which is kept.")]
    AirFeed {
        /// Publications as they were served
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// The national publication of water stations: JSON as served, CSV of crawls, also gzip
    #[command(after_help = "\
Example:
  lucid import water-feed publish_2026-11-23.json

Times there carry no year: it is taken from a column, from the file's name, or from --year.")]
    WaterFeed {
        /// Publications as they were served
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The year of times without one
        #[arg(long)]
        year: Option<i16>,
    },
    /// Write an empty table to fill in
    Template {
        /// What is to be imported
        what: Template,
        /// The file to write, .csv or .xlsx
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
}

/// What can be imported from a table.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Template {
    /// Values of monitoring points.
    Observations,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Export {
    /// The values of some points or of all
    #[command(after_help = "\
Examples:
  lucid export observations --point air-station/2074A --period hour \\
      --from 2026-11-01 --to 2026-11-08 -o week.xlsx
  lucid export observations --point outlet/DEMO-001/DW001 --period minute \\
      --from 2026-11-23T08:00 --to 2026-11-23T09:00
  lucid export observations --factor a34004 --from 2016-01-01 --to 2026-01-01 -o ten-years.parquet

Times are Beijing time; --to is the first moment that is not included. One point as CSV comes row by
row; everything else series by series: what stands in the store first, then the history, month
by month. Parquet and Arrow hold decimals, and times in UTC.")]
    Observations(ExportObservations),
    /// The mean of each day of each series
    #[command(after_help = "\
Example:
  lucid export daily-means --factor a34004 --from 2025-01-01 --to 2026-01-01 -o days.csv

The mean is that of all values of the day, with their count; which days count is for
`lucid evaluate` to say.")]
    DailyMeans(Asked),
    /// Percentiles of each series, by the formula of HJ 663
    #[command(after_help = "\
Example:
  lucid export percentiles --percent 95 --percent 98 --period day --factor a34004 \\
      --from 2025-01-01 --to 2026-01-01")]
    Percentiles(ExportPercentiles),
    /// How often each series was over a limit
    #[command(after_help = "\
Example:
  lucid export exceedances --factor a21026 --limit 50 --from 2025-01-01 --to 2026-01-01")]
    Exceedances(ExportExceedances),
}

/// Which values are asked for.
#[derive(Args, Debug)]
pub(crate) struct Asked {
    /// A point: air-station/CODE, water-section/CODE or outlet/CODE; may be repeated, all when left
    /// out
    #[arg(long, value_name = "KIND/CODE")]
    pub(crate) point: Vec<String>,
    /// A factor by its code; may be repeated, all when left out
    #[arg(long, value_name = "CODE")]
    pub(crate) factor: Vec<String>,
    /// The period: realtime, minute, hour or day
    #[arg(long, default_value = "hour")]
    pub(crate) period: String,
    /// The first moment, 2026-11-01 or 2026-11-01T08:00
    #[arg(long, value_name = "TIME")]
    pub(crate) from: String,
    /// The first moment not included
    #[arg(long, value_name = "TIME")]
    pub(crate) to: String,
    /// The file to write; standard output when left out
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct ExportObservations {
    #[command(flatten)]
    pub(crate) asked: Asked,
    /// csv, xlsx, parquet or arrow; as the file's name ends when left out, else csv
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct ExportPercentiles {
    #[command(flatten)]
    pub(crate) asked: Asked,
    /// A percentile; may be repeated
    #[arg(long, value_name = "NUMBER", default_value = "95",
        value_parser = clap::value_parser!(u32).range(0..=100))]
    pub(crate) percent: Vec<u32>,
}

#[derive(Args, Debug)]
pub(crate) struct ExportExceedances {
    #[command(flatten)]
    pub(crate) asked: Asked,
    /// The limit, in the unit of the factor
    #[arg(long, value_name = "NUMBER")]
    pub(crate) limit: String,
}

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub(crate) struct Evaluate {
    /// Name every method, with what it does
    #[arg(long)]
    pub(crate) list: bool,
    #[command(subcommand)]
    pub(crate) method: Option<EvaluateMethod>,
}

#[derive(Subcommand, Debug)]
pub(crate) enum EvaluateMethod {
    /// Days of stations from their hours: means, ozone's 8 h maximum, AQI
    AirDay(Judge),
    /// Months, quarters or years of cities: means, percentiles, attainment, index, good days
    #[command(after_help = AIR_PERIOD)]
    AirPeriod(Judge),
    /// Composite index and ranking of cities
    AirRank(Judge),
    /// Class of surface water, item by item and section by section
    SurfaceWater(Judge),
    /// Water quality index and ranking of cities
    Cwqi(Judge),
    /// Trophic state of lakes and reservoirs
    TrophicState(Judge),
    /// Class of groundwater
    Groundwater(Judge),
    /// Class of sea water, nearshore class, eutrophication index
    Seawater(Judge),
    /// Soil of development and agricultural land against its screening and control values
    Soil(Judge),
    /// Noise of places and at boundaries
    Noise(Judge),
    /// Discharges of outlets against the limits of their standard
    DischargeDay(Judge),
    /// Ecological flow: days kept, guaranteed rate, Tennant class
    EcologicalFlow(Judge),
    /// Black and odorous urban waters
    BlackOdorous(Judge),
    /// Sources of drinking water
    DrinkingWater(Judge),
    /// Add iaqi_*, aqi, primary and class to a table of concentrations
    #[command(after_help = AIR_INDEX)]
    AirIndex(AirIndex),
    /// Set the published air quality index beside the recomputed one
    #[command(after_help = "\
Example:
  lucid evaluate air-feed stations.csv.gz -o compared.csv

Writes station, name, area, time, then published_ and recomputed_ aqi, level and primary, and
which of them differ. In this publication the column o3 is the day's largest hour and o3_24h the
ozone of this hour: the latter is judged. Exit code 1 when a published value differs.")]
    AirFeed {
        /// Publications as they were served
        #[arg(required_unless_present = "explain")]
        files: Vec<PathBuf>,
        /// Print what is compared, the columns given, editions, clauses and an example
        #[arg(long)]
        explain: bool,
        #[command(flatten)]
        output: Output,
    },
    /// Set the published water class beside the recomputed one
    #[command(after_help = "\
Example:
  lucid evaluate water-feed publish_2021-04-01.json.gz -o compared.csv

The class is made from the raw values behind the rounded ones, by GB 3838-2002 and the five items
of the national platform. The publication does not say whether a section lies on a river or a
lake, whose limits of phosphorus differ: water_body_basis says how it was decided, best from the
section's other rows (give many files at once). Exit code 1 when a published class differs.")]
    WaterFeed {
        /// Publications as they were served
        #[arg(required_unless_present = "explain")]
        files: Vec<PathBuf>,
        /// Print what is compared, the columns given, editions, clauses and an example
        #[arg(long)]
        explain: bool,
        /// The year of times without one
        #[arg(long)]
        year: Option<i16>,
        #[command(flatten)]
        output: Output,
    },
}

const AIR_PERIOD: &str = "\
Example: was the year compliant, and would it be under the limits of 2026?
  lucid evaluate air-day hours.csv -o days.parquet
  lucid evaluate air-period days.parquet --on 2025-12-31 --on 2026-03-01 -o year.csv --plot year.svg";

/// What every method of a file understands.
#[derive(Args, Debug)]
pub(crate) struct Judge {
    /// The files: CSV (also .csv.gz), XLSX or Parquet
    #[arg(value_name = "FILE", required_unless_present_any = ["explain", "arrow_stream"],
          conflicts_with = "arrow_stream")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) stream: Stream,
    /// The file to write: .csv, .xlsx or .parquet; CSV on standard output when left out
    #[arg(short = 'o', long = "output", value_name = "FILE", conflicts_with = "arrow_stream")]
    pub(crate) output: Option<PathBuf>,
    /// Print the columns wanted and given, units, editions, clauses and an example
    #[arg(long)]
    pub(crate) explain: bool,
    /// Judge by this edition, GB3095-2026, instead of the one in force on each row's day
    #[arg(long, value_name = "ID", conflicts_with = "on")]
    pub(crate) edition: Vec<String>,
    /// Judge by the editions in force on this day
    #[arg(long, value_name = "DATE")]
    pub(crate) on: Vec<jiff::civil::Date>,
    /// The unit of a column whose title does not say it: co=ug/m3
    #[arg(long = "unit", value_name = "COLUMN=UNIT")]
    pub(crate) units: Vec<String>,
    /// How hours are labelled: by their end (as the standards do) or start
    #[arg(long, default_value = "end", value_parser = ["end", "start"])]
    pub(crate) hours: String,
    /// The periods of air-period
    #[arg(long, default_value = "year", value_parser = ["year", "quarter", "month"])]
    pub(crate) period: String,
    /// Decimals of daily values: exact keeps six, printed rounds as a daily report does
    #[arg(long, default_value = "exact", value_parser = ["exact", "printed"])]
    pub(crate) days: String,
    /// Draw the days of air-period with their limits (SVG)
    #[arg(long, value_name = "FILE")]
    pub(crate) plot: Option<PathBuf>,
    /// The pollutant of the picture
    #[arg(long, default_value = "pm25", value_name = "POLLUTANT")]
    pub(crate) plot_item: String,
    /// Threads; all cores when left out
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub(crate) threads: usize,
}

/// A part of a table of an engine of many machines.
#[derive(Args, Debug)]
pub(crate) struct Stream {
    /// Read an Arrow IPC stream from standard input and write one to standard output, batch by
    /// batch; only with exit code 0 is what came out whole
    #[arg(long, conflicts_with = "explain")]
    pub(crate) arrow_stream: bool,
    /// Values of the stream: typed as in Parquet (the default), or the very text that CSV has
    // That it goes with a stream alone is checked by hand: clap lets go of what an argument
    // requires where something else forbids it, and a named file forbids the stream.
    #[arg(long, value_parser = ["typed", "text"])]
    pub(crate) values: Option<String>,
}

/// Where a table goes.
#[derive(Args, Debug)]
pub(crate) struct Output {
    /// The CSV file to write; standard output when left out or "-"
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

const AIR_INDEX: &str = "\
Examples:
  lucid evaluate air-index --edition HJ633-2026 days.csv -o judged.csv
  lucid evaluate air-index --edition HJ633-2012 --kind hourly < hours.csv
  lucid evaluate air-index days.xlsx -o judged.xlsx    (a column `date` chooses the edition)

Columns (letter case, _ and . do not count): so2, no2, co, o3, pm10, pm25 (or pm2_5, PM2.5).
Concentrations in ug/m3, CO in mg/m3. Daily: 24 h means, o3 = the day's largest 8 h mean.
Hourly: 1 h means; the 2012 text takes moving 24 h means of pm10 and pm25.
A name may carry its averaging period (o3_8h, o3_1h, so2_24h) where an edition uses two.
Missing: empty, —, - or NA. Other columns pass through.
Added: iaqi_so2 … iaqi_pm25, aqi (NA = not computed), primary (joined by ;), class.";

#[derive(Args, Debug)]
pub(crate) struct AirIndex {
    /// The edition of the standard, HJ633-2012 or HJ633-2026, instead of that of each row's day
    #[arg(long, value_name = "ID", conflicts_with = "on")]
    pub(crate) edition: Option<String>,
    /// Judge by the edition in force on this day
    #[arg(long, value_name = "DATE")]
    pub(crate) on: Option<jiff::civil::Date>,
    /// What a row is: a day or an hour
    #[arg(long, default_value = "daily", value_parser = ["daily", "hourly"])]
    pub(crate) kind: String,
    /// The unit of a column whose title does not say it: co=ug/m3
    #[arg(long = "unit", value_name = "COLUMN=UNIT")]
    pub(crate) units: Vec<String>,
    /// Print the columns wanted and given, units, editions, clauses and an example
    #[arg(long)]
    pub(crate) explain: bool,
    /// Threads; all cores when left out
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub(crate) threads: usize,
    /// The table: CSV (also .csv.gz), XLSX or Parquet; CSV from standard input when left out or "-"
    #[arg(conflicts_with = "arrow_stream")]
    pub(crate) input: Option<PathBuf>,
    /// The file to write: .csv, .xlsx or .parquet; CSV on standard output when left out
    #[arg(short = 'o', long = "output", value_name = "FILE", conflicts_with = "arrow_stream")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) stream: Stream,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Hj212 {
    /// Say what packets mean, one JSON object a line
    #[command(after_help = "\
Examples:
  lucid hj212 decode captured.bin
  lucid hj212 decode --hex frames.txt
  nc -l 9212 | lucid hj212 decode

A packet that would be accepted: {\"verdict\":\"accept\",\"edition\":…,\"QN\":…,\"cp\":…,\"quirks\":…,
\"ack_hex\":…}; one that would not: {\"verdict\":\"reject\",\"reason\":\"crc_modbus\",…}.
Exit code 1 when a packet is rejected.")]
    Decode {
        /// One frame a line in hexadecimal, instead of a raw byte stream
        #[arg(long)]
        hex: bool,
        /// The file; standard input when left out or "-"
        file: Option<PathBuf>,
    },
    /// Make packets out of the JSON lines that `decode` writes
    #[command(after_help = "\
Example:
  echo '{\"QN\":\"20260301080000000\",\"ST\":\"32\",\"CN\":\"2051\",\"PW\":\"123456\",\"MN\":\"A\",\"Flag\":\"5\",
         \"cp\":[[[\"DataTime\",\"20260301080000\"]]]}' | lucid hj212 encode --hex")]
    Encode {
        /// Write one frame a line in hexadecimal, instead of raw bytes
        #[arg(long)]
        hex: bool,
        /// The file; standard input when left out or "-"
        file: Option<PathBuf>,
    },
    /// Keep the keys of many devices (HJ 212-2025), beside a running server
    #[command(after_help = "\
Example:
  printf '990100E000000000000000C1,k7Qw2mZp9LxT4vBn\\n' > keys.csv
  lucid hj212 keys keys.csv && shred -u keys.csv

A line is `MN,key`; a key is 16 signs or 32 hexadecimal digits. The keys are kept sealed by the
file devices.key of the data folder and never shown again. A device with a key has to encrypt.")]
    Keys {
        /// The file; all of its lines are taken, or none
        file: PathBuf,
    },
    /// Speak as a device: send minute values to a receiver and print its answers
    #[command(after_help = "\
Examples:
  lucid hj212 simulate --to 127.0.0.1:9212 --mn 0000000000000000000000A1 --password 123456 \\
      --factor w01018=35.2 --factor w21003=1.25 --count 3
  lucid hj212 simulate --mn 0000000000000000000000A1 --fraud stuck
  lucid hj212 simulate --mn 0000000000000000000000A1 --fraud copied --twin 0000000000000000000000A2

With --fraud it sends the hours of an invented plant up to the last whole hour, falsified for a
while, so that the page of signs can be tried: the last lines say where.")]
    Simulate(Simulate),
}

#[derive(Args, Debug)]
pub(crate) struct Simulate {
    /// The receiver
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:9212")]
    pub(crate) to: String,
    /// The device's number MN
    #[arg(long)]
    pub(crate) mn: String,
    /// The device's password PW
    #[arg(long, default_value = "123456")]
    pub(crate) password: String,
    /// The system code ST: 21 surface water, 22 air, 31 waste gas, 32 waste water
    #[arg(long, default_value = "32")]
    pub(crate) system: String,
    /// A factor and its value, w01018=35.2; may be given many times
    #[arg(long = "factor", value_name = "CODE=VALUE", required_unless_present = "fraud")]
    pub(crate) factors: Vec<String>,
    /// Speak the edition of 2025 and encrypt by this key: 16 signs or 32 hexadecimal digits
    #[arg(long, conflicts_with = "fraud")]
    pub(crate) key: Option<String>,
    /// Seconds to wait for each answer: the standard gives wireless links ten
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    pub(crate) timeout: u64,
    /// How many minutes to send, ending with the last whole one
    #[arg(long, default_value_t = 1)]
    pub(crate) count: u32,
    /// Send hours with this fraud in them
    #[arg(long, value_name = "KIND", conflicts_with = "factors",
        value_parser = FraudKind::ALL.map(FraudKind::as_str))]
    pub(crate) fraud: Option<String>,
    /// With --fraud copied: the number of the device from which is copied; it sends its hours first
    #[arg(long, value_name = "MN", requires = "fraud")]
    pub(crate) twin: Option<String>,
    /// With --fraud: how many days of hours to send
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(30..=366))]
    pub(crate) days: u32,
    /// With --fraud: another number invents another plant
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Standards {
    /// Every standard with its editions and their days
    List,
    /// The tables of a standard with clause, source and confidence
    Show {
        /// The standard or one edition of it: GB3095, GB3095-2026
        id: String,
        /// The day on which the rows are in force [default: today, or the edition's first day]
        #[arg(long, value_name = "DATE")]
        on: Option<jiff::civil::Date>,
    },
    /// What changed from one edition to another, stage by stage
    Diff {
        /// The older: GB3095-2012, or a day, GB3095@2018-08-31
        before: String,
        /// The newer: GB3095-2026
        after: String,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Conformance {
    /// The suite: hj212, air, surface-water
    pub(crate) suite: String,
    /// The file of check values
    pub(crate) file: PathBuf,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Config {
    /// Every setting with its value and where the value came from
    Show {
        /// Also say what each setting does
        #[arg(long)]
        explain: bool,
    },
}
