package io.rowbell.postgres;

import static io.rowbell.model.ColumnType.Kind.ARRAY;
import static io.rowbell.model.ColumnType.Kind.BOOLEAN;
import static io.rowbell.model.ColumnType.Kind.BYTES;
import static io.rowbell.model.ColumnType.Kind.DATE;
import static io.rowbell.model.ColumnType.Kind.ENUM;
import static io.rowbell.model.ColumnType.Kind.FLOAT;
import static io.rowbell.model.ColumnType.Kind.INTEGER;
import static io.rowbell.model.ColumnType.Kind.INTERVAL;
import static io.rowbell.model.ColumnType.Kind.JSON;
import static io.rowbell.model.ColumnType.Kind.NUMERIC;
import static io.rowbell.model.ColumnType.Kind.OPAQUE;
import static io.rowbell.model.ColumnType.Kind.TEXT;
import static io.rowbell.model.ColumnType.Kind.TIME;
import static io.rowbell.model.ColumnType.Kind.TIMESTAMP;
import static io.rowbell.model.ColumnType.Kind.TIMESTAMP_TZ;
import static io.rowbell.model.ColumnType.Kind.UUID;
import static io.rowbell.postgres.Golden.type;
import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.ColumnType;
import io.rowbell.model.Interval;
import io.rowbell.model.Json;
import io.rowbell.model.TimeOfDay;
import io.rowbell.postgres.PgOutput.SentColumn;
import io.rowbell.testkit.PostgresServer;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every type: values are written, decoded from what pgoutput really sends, compared with the
 * expected canonical value, and given back to SQL, which must print them as it printed the first.
 */
class TypeGoldenIT {
  private static final String BIG = "9".repeat(131_072);
  private static final AtomicInteger TABLES = new AtomicInteger();

  private static PostgresServer server;
  private static TestDatabase database;
  private static TypeRegistry registry;

  @BeforeAll
  static void start() throws SQLException {
    server = PostgresServer.start();
    database = TestDatabase.create(server, "golden");
    database.execute(
        """
        CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION ltree;
        CREATE EXTENSION cube;
        CREATE SCHEMA "Größe";
        CREATE TYPE mood AS ENUM ('sad', 'it''s "ok"', 'glad, very', '');
        CREATE TYPE "Größe"."Farbe" AS ENUM ('röt', 'NULL', '{');
        CREATE TYPE pair AS (a int, b text, c timestamptz);
        CREATE DOMAIN positive AS numeric(8,2) CHECK (VALUE > 0);
        CREATE DOMAIN small_positive AS positive CHECK (VALUE < 100);
        CREATE DOMAIN tags AS text[];
        CREATE DOMAIN feeling AS mood;
        CREATE TYPE float_range AS RANGE (subtype = float8);
        CREATE PUBLICATION golden FOR ALL TABLES;
        """);
    database.execute("SELECT pg_create_logical_replication_slot('golden', 'pgoutput')");
    registry = new TypeRegistry(database.connections());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  static Stream<Golden> types() {
    return Stream.of(numbers(), texts(), times(), others(), arrays(), userTypes())
        .flatMap(types -> types);
  }

  static Stream<Golden> numbers() {
    return Stream.of(
        type("boolean", BOOLEAN).is("true", true).is("false", false),
        type("smallint", INTEGER).is("-32768", -32768L).is("32767", 32767L),
        type("integer", INTEGER).is("0", 0L).is("-2147483648", -2147483648L),
        type("bigint", INTEGER)
            .is("-9223372036854775808", Long.MIN_VALUE)
            .is("9223372036854775807", Long.MAX_VALUE),
        type("oid", INTEGER).is("4294967295", 4294967295L).is("0", 0L),
        type("real", FLOAT)
            .is("0.1", 0.1)
            .is("3.4028235e38", 3.4028235e38)
            .is("1e-45", 1e-45)
            .is("16777217", 16777216.0)
            .is("'NaN'", Double.NaN)
            .is("'-Infinity'", Double.NEGATIVE_INFINITY)
            .and("'-0'", "123456.789"),
        type("double precision", FLOAT)
            .is("0.1", 0.1)
            .is("1.7976931348623157e308", Double.MAX_VALUE)
            .is("5e-324", Double.MIN_VALUE)
            .is("'NaN'", Double.NaN)
            .is("'Infinity'", Double.POSITIVE_INFINITY)
            .is("'-Infinity'", Double.NEGATIVE_INFINITY)
            .and("'-0'", "0.1 + 0.2::float8", "2e-5", "123456789012345680", "pi()"),
        type("numeric", NUMERIC)
            .is("1.0", new BigDecimal("1.0"))
            .is("1.00", new BigDecimal("1.00"))
            .is("0", new BigDecimal("0"))
            .is("-0.000000", new BigDecimal("0.000000"))
            .is("1e-16383", new BigDecimal("1e-16383"))
            .is(BIG, new BigDecimal(BIG))
            .is("'NaN'", Double.NaN)
            .is("'Infinity'", Double.POSITIVE_INFINITY)
            .is("'-Infinity'", Double.NEGATIVE_INFINITY)
            .and("-1e100", "12345678901234567890.12345678901234567890"),
        type("numeric(10,2)", NUMERIC)
            .is("7", new BigDecimal("7.00"))
            .is("-99999999.995::numeric + 0.01", new BigDecimal("-99999999.99"))
            .is("'NaN'", Double.NaN),
        type("numeric(5,-2)", NUMERIC).is("12345", new BigDecimal("12300")),
        type("numeric(3,6)", NUMERIC).is("0.000123", new BigDecimal("0.000123")),
        type("money", OPAQUE).and("12.34", "-1234567.891", "0"));
  }

  static Stream<Golden> texts() {
    String[] awkward = {
      "", " ", "NULL", "a'b\"c\\d", "{x,y}", "tab\tline\nend", "größer 😀", "(1,\"a\")", "\\x41"
    };
    return Stream.of(
        type("text", TEXT).same(awkward).same("x".repeat(100_000)),
        type("varchar(12)", TEXT).same(awkward),
        type("varchar", TEXT).same(awkward),
        type("char(5)", TEXT).is("'ab'", "ab   ").is("''", "     ").is("'größe'", "größe"),
        type("char", TEXT).is("'x'", "x"),
        type("\"char\"", TEXT).is("'x'", "x").is("''", ""),
        type("name", TEXT).same("größe", ""),
        type("citext", TEXT).same("MiXed"),
        type("xml", TEXT).same("<a b=\"c\">ü</a>", "text &amp; <b/>"),
        type("uuid", UUID)
            .is("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        type("json", JSON)
            .is("'{\"b\":1,  \"a\":[1.0,null]}'", new Json("{\"b\":1,  \"a\":[1.0,null]}"))
            .is("'null'", new Json("null"))
            .is("'\"\\u00e4\"'", new Json("\"\\u00e4\"")),
        type("jsonb", JSON)
            .is("'{\"b\":1,\"a\":[1.0,null]}'", new Json("{\"a\": [1.0, null], \"b\": 1}"))
            .is("'1e400'", new Json("1" + "0".repeat(400)))
            .is("'\"\\u00e4\"'", new Json("\"ä\"")));
  }

  static Stream<Golden> times() {
    return Stream.of(
        type("date", DATE)
            .is("'2026-11-20'", LocalDate.of(2026, 11, 20))
            .is("'0001-01-01'", LocalDate.of(1, 1, 1))
            .is("'0001-12-31 BC'", LocalDate.of(0, 12, 31))
            .is("'0005-02-29 BC'", LocalDate.of(-4, 2, 29))
            .is("'4714-11-24 BC'", LocalDate.of(-4713, 11, 24))
            .is("'5874897-12-31'", LocalDate.of(5874897, 12, 31))
            .is("'infinity'", LocalDate.MAX)
            .is("'-infinity'", LocalDate.MIN),
        type("timestamp", TIMESTAMP)
            .is("'2026-11-20 13:45:00'", LocalDateTime.of(2026, 11, 20, 13, 45))
            .is("'2026-11-20 13:45:00.5'", LocalDateTime.of(2026, 11, 20, 13, 45, 0, 500_000_000))
            .is(
                "'1999-12-31 23:59:59.999999'",
                LocalDateTime.of(1999, 12, 31, 23, 59, 59, 999999000))
            .is("'4714-11-24 00:00:00.000001 BC'", LocalDateTime.of(-4713, 11, 24, 0, 0, 0, 1000))
            .is(
                "'294276-12-31 23:59:59.999999'",
                LocalDateTime.of(294276, 12, 31, 23, 59, 59, 999999000))
            .is("'infinity'", LocalDateTime.MAX)
            .is("'-infinity'", LocalDateTime.MIN),
        type("timestamp(3)", TIMESTAMP)
            .is(
                "'2026-11-20 13:45:00.1235'",
                LocalDateTime.of(2026, 11, 20, 13, 45, 0, 124_000_000)),
        type("timestamptz", TIMESTAMP_TZ)
            .is("'2026-11-20 13:45:00+00'", Instant.parse("2026-11-20T13:45:00Z"))
            .is("'2026-11-20 13:45:00.000001+05:30'", Instant.parse("2026-11-20T08:15:00.000001Z"))
            .is("'1969-12-31 23:59:59.999999+00'", Instant.parse("1969-12-31T23:59:59.999999Z"))
            .is("'0044-03-15 12:00:00+00 BC'", Instant.parse("-0043-03-15T12:00:00Z"))
            .is("'12345-01-01 00:00:00+00'", Instant.parse("+12345-01-01T00:00:00Z"))
            .is("'infinity'", Instant.MAX)
            .is("'-infinity'", Instant.MIN)
            .and("'294276-12-31 23:59:59.999999+00'", "'4714-11-24 00:00:00+00 BC'"),
        type("time", TIME)
            .is("'24:00:00'", new TimeOfDay(86_400_000_000L))
            .is("'00:00:00'", new TimeOfDay(0))
            .is("'13:45:00.5'", new TimeOfDay(49_500_500_000L))
            .and("'23:59:59.999999'"),
        type("time(0)", TIME).is("'23:59:59.6'", new TimeOfDay(86_400_000_000L)),
        type("timetz", OPAQUE).same("13:45:00.5+05:30", "24:00:00-15:59:59"),
        type("interval", INTERVAL)
            .is("'0'", new Interval(0, 0, 0))
            .is("'1 year 2 mons 3 days 04:05:06.5'", new Interval(14, 3, 14_706_500_000L))
            .is(
                "'-1 year -2 mons +3 days -04:05:06.000007'",
                new Interval(-14, 3, -14_706_000_007L))
            .is("'1 year -13 mons'", new Interval(-1, 0, 0))
            .is("'-0.5 seconds'", new Interval(0, 0, -500_000))
            .is("'1 day -00:00:01'", new Interval(0, 1, -1_000_000))
            .is("'-178000000 years'", new Interval(-2_136_000_000, 0, 0))
            .is("'9223372036854775807 us'", new Interval(0, 0, Long.MAX_VALUE))
            .is("'-2147483648 days'", new Interval(0, Integer.MIN_VALUE, 0))
            .is("'infinity'", Interval.INFINITY)
            .is("'-infinity'", Interval.MINUS_INFINITY),
        type("interval day to second(2)", INTERVAL)
            .is("'1 day 00:00:01.239'", new Interval(0, 1, 1_240_000)));
  }

  static Stream<Golden> others() {
    return Stream.of(
        type("bytea", BYTES)
            .is("'\\x'", new byte[0])
            .is("'\\x00ff5c27'", new byte[] {0, -1, 0x5c, 0x27}),
        type("bit(5)", OPAQUE).is("B'01011'", "01011"),
        type("varbit", OPAQUE).is("B'011'", "011").is("B''", ""),
        type("inet", OPAQUE).same("192.168.0.1", "192.168.0.0/24", "::1", "fe80::1/64"),
        type("cidr", OPAQUE).same("10.0.0.0/8", "192.168.0.1/32", "2001:db8::/32"),
        type("macaddr", OPAQUE).same("08:00:2b:01:02:03"),
        type("macaddr8", OPAQUE).same("08:00:2b:01:02:03:04:05"),
        type("int4range", OPAQUE).same("[1,10)", "empty", "(,5)", "(,)"),
        type("int8range", OPAQUE).same("[1,9223372036854775807)"),
        type("numrange", OPAQUE).same("[1.0,2.50]", "(,NaN]"),
        type("daterange", OPAQUE).same("[2026-11-20,infinity)"),
        type("tsrange", OPAQUE).same("[\"2026-11-20 00:00:00\",\"2026-11-21 00:00:00.5\")"),
        type("tstzrange", OPAQUE).same("[\"2026-11-20 00:00:00+00\",infinity)"),
        type("int4multirange", OPAQUE).same("{[1,3),[5,7)}", "{}"),
        type("nummultirange", OPAQUE).same("{[1.0,2.5),(3,)}"),
        type("tstzmultirange", OPAQUE)
            .same("{[\"2026-11-20 00:00:00+00\",\"2026-11-21 00:00:00+00\")}"),
        type("datemultirange", OPAQUE).same("{[2026-11-20,2026-11-21)}"),
        type("float_range", OPAQUE).same("[0.1,2.5)"),
        type("float_multirange", OPAQUE).same("{[0.1,2.5)}"),
        type("tsvector", OPAQUE).same("'a':1A 'b''c':2,3", ""),
        type("tsquery", OPAQUE).same("'fat' & ( 'rat' | !'cat':A )"),
        type("point", OPAQUE).same("(1.5,-2)", "(Infinity,NaN)"),
        type("line", OPAQUE).same("{1,2,3}"),
        type("lseg", OPAQUE).same("[(1,2),(3,4)]"),
        type("box", OPAQUE).same("(3,4),(1,2)"),
        type("path", OPAQUE).same("[(1,2),(3,4)]", "((1,2),(3,4))"),
        type("polygon", OPAQUE).same("((0,0),(1,0),(1,1))"),
        type("circle", OPAQUE).same("<(1,2),3.5>"),
        type("pg_lsn", OPAQUE).same("16/B374D848"),
        type("pg_snapshot", OPAQUE).same("10:20:10,14,15"),
        type("xid8", OPAQUE).same("18446744073709551615"),
        type("xid", OPAQUE).same("4294967295"),
        type("tid", OPAQUE).same("(0,1)"),
        type("regclass", OPAQUE).same("pg_class"),
        type("jsonpath", OPAQUE).same("$.\"a\"[*]?(@ > 1)"),
        type("int2vector", OPAQUE).same("1 2 3"),
        type("oidvector", OPAQUE).same("1 4294967295"));
  }

  static Stream<Golden> arrays() {
    return Stream.of(
        type("integer[]", ARRAY)
            .is("'{}'", List.of())
            .is("'{1,NULL,-3}'", asList(1L, null, -3L))
            .is("'{{1,2},{3,NULL}}'", List.of(List.of(1L, 2L), asList(3L, null)))
            .is("'{{{1}},{{2}}}'", List.of(List.of(List.of(1L)), List.of(List.of(2L))))
            .isOneWay("'[2:3]={1,2}'", List.of(1L, 2L))
            .isOneWay("'[-1:0][5:5]={{1},{2}}'", List.of(List.of(1L), List.of(2L))),
        type("integer[3][3]", ARRAY).is("'{1}'", List.of(1L)),
        type("text[]", ARRAY)
            .is(
                "ARRAY['', 'NULL', NULL, 'null', 'a,b', 'say \"x\"', 'back\\slash', '{}', ' ', 'é']",
                asList(
                    "", "NULL", null, "null", "a,b", "say \"x\"", "back\\slash", "{}", " ", "é")),
        type("varchar(3)[]", ARRAY).is("'{abc}'", List.of("abc")),
        type("char(3)[]", ARRAY).is("'{a}'", List.of("a  ")),
        type("\"char\"[]", ARRAY).is("'{a,\"{\"}'", List.of("a", "{")),
        type("name[]", ARRAY).is("'{a}'", List.of("a")),
        type("citext[]", ARRAY).is("'{aB}'", List.of("aB")),
        type("boolean[]", ARRAY).is("'{t,f,NULL}'", asList(true, false, null)),
        type("smallint[]", ARRAY).is("'{1}'", List.of(1L)),
        type("bigint[]", ARRAY).is("'{9223372036854775807}'", List.of(Long.MAX_VALUE)),
        type("oid[]", ARRAY).is("'{4294967295}'", List.of(4294967295L)),
        type("real[]", ARRAY).is("'{0.1,NaN}'", List.of(0.1, Double.NaN)),
        type("float8[]", ARRAY).is("'{0.1,-Infinity}'", List.of(0.1, Double.NEGATIVE_INFINITY)),
        type("numeric(6,2)[]", ARRAY).is("'{1,NaN}'", List.of(new BigDecimal("1.00"), Double.NaN)),
        type("uuid[]", ARRAY)
            .is(
                "'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'",
                List.of("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
        type("date[]", ARRAY)
            .is(
                "'{2026-11-20,infinity,0001-01-01 BC}'",
                List.of(LocalDate.of(2026, 11, 20), LocalDate.MAX, LocalDate.of(0, 1, 1))),
        type("timestamp[]", ARRAY)
            .is("'{2026-11-20 01:02:03}'", List.of(LocalDateTime.of(2026, 11, 20, 1, 2, 3))),
        type("timestamptz[]", ARRAY)
            .is("'{2026-11-20 01:02:03+01}'", List.of(Instant.parse("2026-11-20T00:02:03Z"))),
        type("time[]", ARRAY).is("'{24:00}'", List.of(new TimeOfDay(86_400_000_000L))),
        type("timetz[]", ARRAY).is("'{10:00+02}'", List.of("10:00:00+02")),
        type("interval[]", ARRAY)
            .is("'{1 mon -1 day,infinity}'", List.of(new Interval(1, -1, 0), Interval.INFINITY)),
        type("bytea[]", ARRAY).and("'{\"\\\\x00ff\",NULL}'"),
        type("json[]", ARRAY)
            .is("ARRAY['{\"a\": [1,2]}'::json, NULL]", asList(new Json("{\"a\": [1,2]}"), null)),
        type("jsonb[]", ARRAY).is("ARRAY['\"x\"'::jsonb]", List.of(new Json("\"x\""))),
        type("xml[]", ARRAY).is("ARRAY['<a/>'::xml]", List.of("<a/>")),
        type("money[]", ARRAY).and("'{1234.5}'"),
        type("bit(2)[]", ARRAY).is("'{10}'", List.of("10")),
        type("varbit[]", ARRAY).is("'{10,\"\"}'", List.of("10", "")),
        type("inet[]", ARRAY).is("'{10.0.0.1}'", List.of("10.0.0.1")),
        type("cidr[]", ARRAY).is("'{10.0.0.0/8}'", List.of("10.0.0.0/8")),
        type("macaddr[]", ARRAY).is("'{08:00:2b:01:02:03}'", List.of("08:00:2b:01:02:03")),
        type("int4range[]", ARRAY).is("'{\"[1,2)\",empty}'", List.of("[1,2)", "empty")),
        type("int4multirange[]", ARRAY).is("'{\"{[1,2)}\"}'", List.of("{[1,2)}")),
        type("point[]", ARRAY).is("'{\"(1,2)\"}'", List.of("(1,2)")),
        type("box[]", ARRAY)
            .isOneWay("'{(3,4),(1,2);(2,2),(1,1)}'", List.of("(3,4),(1,2)", "(2,2),(1,1)")),
        type("tsvector[]", ARRAY).is("ARRAY['a b'::tsvector]", List.of("'a' 'b'")),
        type("hstore[]", ARRAY).is("ARRAY['a=>1'::hstore]", List.of("\"a\"=>\"1\"")),
        type("pg_lsn[]", ARRAY).is("'{0/1}'", List.of("0/1")),
        type("mood[]", ARRAY)
            .is(
                "ARRAY['it''s \"ok\"', 'glad, very', '', NULL]::mood[]",
                asList("it's \"ok\"", "glad, very", "", null)),
        type("pair[]", ARRAY)
            .is("ARRAY[ROW(1,'a\"b',NULL)::pair, NULL]", asList("(1,\"a\"\"b\",)", null)),
        type("small_positive[]", ARRAY)
            .is("'{1,2.5}'", List.of(new BigDecimal("1.00"), new BigDecimal("2.50"))),
        type("tags[]", ARRAY)
            .isOneWay(
                "'{\"{a,\\\"b\\\\\\\"c\\\"}\",\"{}\"}'", List.of(List.of("a", "b\"c"), List.of())));
  }

  static Stream<Golden> userTypes() {
    return Stream.of(
        type("mood", ENUM).same("sad", "it's \"ok\"", ""),
        type("\"Größe\".\"Farbe\"", ENUM).same("röt", "NULL", "{"),
        type("feeling", ENUM).same("sad"),
        type("positive", NUMERIC).is("1", new BigDecimal("1.00")),
        type("small_positive", NUMERIC).is("99.5", new BigDecimal("99.50")),
        type("tags", ARRAY).is("'{a,NULL}'", asList("a", null)),
        type("pair", OPAQUE)
            .is(
                "ROW(1,'x, \"y\"','2026-11-20 00:00+00')",
                "(1,\"x, \"\"y\"\"\",\"2026-11-20 00:00:00+00\")")
            .is("ROW(NULL,NULL,NULL)", "(,,)"),
        type("hstore", OPAQUE).same("\"a\"=>\"1\", \"b\"=>NULL", ""),
        type("ltree", OPAQUE).same("Top.Science.Astronomy"),
        type("cube", OPAQUE).same("(1, 2),(3, 4)"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("types")
  void whatIsReadIsWhatSqlPrints(Golden golden) throws Exception {
    try (Connection connection = database.connections().open()) {
      String table = insert(connection, golden);
      PgOutput sent = PgOutput.take(connection, "golden");
      SentColumn column = sent.columns.get(1);
      SqlType type = registry.type(column.typeOid(), column.typmod());
      assertThat(type.columnType().kind()).isEqualTo(golden.kind);
      assertThat(type.columnType().sqlName()).isEqualTo(sqlName(connection, table));
      assertThat(sent.inserts).hasSameSizeAs(golden.values);
      for (int i = 0; i < golden.values.size(); i++) {
        Golden.Value value = golden.values.get(i);
        String text = sent.inserts.get(i).get(1);
        assertThat(text).isNotNull();
        assertThat(text).isEqualTo(printed(connection, table, i));
        Object read = type.decoder().decode(text);
        assertThat(read).as(value.literal()).isInstanceOf(javaClass(type.columnType(), read));
        if (value.expected() != null) {
          assertThat(read).as(value.literal()).isEqualTo(value.expected());
        }
        if (value.andBack()) {
          assertThat(printedAgain(connection, golden.type, read)).isEqualTo(text);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"interval", "timestamptz", "bytea"})
  void theSameIsReadHoweverTheSessionPrints(String name) throws Exception {
    Golden golden = types().filter(type -> type.type.equals(name)).findFirst().orElseThrow();
    try (Connection connection = database.connections().open();
        Statement session = connection.createStatement()) {
      String table = insert(connection, golden);
      PgOutput sent = PgOutput.take(connection, "golden");
      SqlType type = registry.type(sent.columns.get(1).typeOid(), sent.columns.get(1).typmod());
      session.execute("SET IntervalStyle = iso_8601");
      session.execute("SET TimeZone = 'Asia/Kolkata'");
      session.execute("SET bytea_output = escape");
      List<String> other = new ArrayList<>();
      for (int i = 0; i < golden.values.size(); i++) {
        other.add(printed(connection, table, i));
        assertThat(type.decoder().decode(other.get(i)))
            .as(other.get(i))
            .isEqualTo(type.decoder().decode(sent.inserts.get(i).get(1)));
      }
      assertThat(other)
          .as("the settings make a difference")
          .isNotEqualTo(sent.inserts.stream().map(row -> row.get(1)).toList());
    }
  }

  private static String insert(Connection connection, Golden golden) throws SQLException {
    String table = "golden_" + TABLES.incrementAndGet();
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE " + table + " (id int PRIMARY KEY, v " + golden.type + ")");
      for (int i = 0; i < golden.values.size(); i++) {
        String literal = golden.values.get(i).literal();
        statement.execute("INSERT INTO " + table + " VALUES (" + i + ", " + literal + ")");
      }
    }
    return table;
  }

  private static String printed(Connection connection, String table, int id) throws SQLException {
    return one(connection, "SELECT format('%s', v) FROM " + table + " WHERE id = " + id);
  }

  private static String sqlName(Connection connection, String table) throws SQLException {
    return one(
        connection,
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attname = 'v' AND"
            + " attrelid = '"
            + table
            + "'::regclass");
  }

  private static String printedAgain(Connection connection, String type, Object value)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT format('%s', CAST(?::text AS " + type + "))")) {
      statement.setString(1, SqlText.of(value));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  private static String one(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  /** The class that {@link ColumnType.Kind} promises; numeric has two. */
  private static Class<?> javaClass(ColumnType type, Object read) {
    return switch (type.kind()) {
      case BOOLEAN -> Boolean.class;
      case INTEGER -> Long.class;
      case FLOAT -> Double.class;
      case NUMERIC ->
          read instanceof Double d && (d.isNaN() || d.isInfinite())
              ? Double.class
              : BigDecimal.class;
      case TEXT, UUID, ENUM, OPAQUE -> String.class;
      case TIMESTAMP_TZ -> Instant.class;
      case TIMESTAMP -> LocalDateTime.class;
      case DATE -> LocalDate.class;
      case TIME -> TimeOfDay.class;
      case INTERVAL -> Interval.class;
      case BYTES -> byte[].class;
      case JSON -> Json.class;
      case ARRAY -> List.class;
    };
  }
}
