package dev.evenkeel.lb.core.internal.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.LoadReport;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OrcaReportsTest {
    private static final LoadReport EXAMPLE = LoadReport.builder()
            .cpuUtilization(0.7)
            .applicationUtilization(0.8)
            .memUtilization(0.9)
            .qps(1_000)
            .eps(2)
            .metric("foo", 123)
            .metric("bar", 0.2)
            .metric("utilization.total", 0.5)
            .metric("request_cost.rows", 7)
            .build();

    /** The example as protoc encodes it: fields 1, 2, 6, 7 and 9, an entry each of 4 and 5, two of 8. */
    private static final String BINARY = "09666666666666e63f" + "11cdccccccccccec3f"
            + "220f0a04726f7773110000000000001c40" + "2a100a05746f74616c11000000000000e03f"
            + "310000000000408f40" + "390000000000000040"
            + "420e0a03666f6f110000000000c05e40" + "420e0a03626172119a9999999999c93f"
            + "499a9999999999e93f";

    @Test
    void text_isRead() {
        String entries =
                "cpu_utilization=0.7, application_utilization=0.8,mem_utilization=9e-1,rps_fractional=1000,eps=2,"
                        + "named_metrics.foo=123,named_metrics.bar=0.2,utilization.total=0.5,request_cost.rows=7";
        assertThat(OrcaReports.parse("TEXT " + entries)).isEqualTo(EXAMPLE);
        assertThat(OrcaReports.parse("TEXT " + entries.replace('=', ':'))).isEqualTo(EXAMPLE);
        assertThat(OrcaReports.parseText(entries + ",something_new=9")).isEqualTo(EXAMPLE);
    }

    @Test
    void json_isRead_inBothSpellings() {
        String json = """
                {"cpu_utilization": 0.7, "application_utilization": 0.8, "mem_utilization": 0.9,
                 "rps_fractional": 1000, "eps": "2", "named_metrics": {"foo": 123, "bar": 0.2},
                 "utilization": {"total": 0.5}, "request_cost": {"rows": 7}, "something_new": [{"x": [1]}], "rps": null}
                """;
        assertThat(OrcaReports.parse("JSON " + json)).isEqualTo(EXAMPLE);
        assertThat(OrcaReports.parseJson(json.replace("cpu_utilization", "cpuUtilization")
                        .replace("named_metrics", "namedMetrics")
                        .replace("rps_fractional", "rpsFractional")
                        .replace("request_cost", "requestCost")))
                .isEqualTo(EXAMPLE);
    }

    @Test
    void binary_isRead_withPaddingOrWithout() {
        byte[] message = HexFormat.of().parseHex(BINARY);
        assertThat(OrcaReports.parseBinary(message)).isEqualTo(EXAMPLE);
        assertThat(OrcaReports.parse("BIN " + Base64.getEncoder().encodeToString(message)))
                .isEqualTo(EXAMPLE);
        assertThat(OrcaReports.parseBase64(Base64.getEncoder().withoutPadding().encodeToString(message)))
                .isEqualTo(EXAMPLE);
        assertThat(OrcaReports.parseBinary(new byte[0]))
                .isEqualTo(LoadReport.builder().build());
    }

    @Test
    void binary_unknownFields_areSkipped() {
        // Field 15 as varint, fixed64, bytes and fixed32; then cpu_utilization.
        byte[] message = HexFormat.of()
                .parseHex("78ff01" + "790102030405060708" + "7a03010203" + "7d01020304" + "09666666666666e63f");
        assertThat(OrcaReports.parseBinary(message))
                .isEqualTo(LoadReport.builder().cpuUtilization(0.7).build());
    }

    @Test
    void deprecatedRps_countsWithoutTheFractionalOne() {
        assertThat(OrcaReports.parseText("rps=5").qps()).isEqualTo(5);
        assertThat(OrcaReports.parseText("rps_fractional=7.5,rps=5").qps()).isEqualTo(7.5);
        assertThat(OrcaReports.parseBinary(new byte[] {3 << 3, (byte) 0x96, 1}).qps())
                .isEqualTo(150);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TEXT cpu_utilization=NaN | load report's \"cpu_utilization\" must be a number: \"NaN\"",
                "TEXT cpu_utilization=Infinity | load report's \"cpu_utilization\" must be a number: \"Infinity\"",
                "TEXT cpu_utilization=0x1p3 | load report's \"cpu_utilization\" must be a number: \"0x1p3\"",
                "TEXT cpu_utilization=1d | load report's \"cpu_utilization\" must be a number: \"1d\"",
                "TEXT cpu_utilization=\"0.7\" | load report's \"cpu_utilization\" must be a number: \"\"0.7\"\"",
                "TEXT cpu_utilization= | load report's \"cpu_utilization\" must be a number: \"\"",
                "TEXT cpu_utilization=1e999 | load report's cpuUtilization must be 0..1000: Infinity",
                "TEXT cpu_utilization=-0.1 | load report's cpuUtilization must be 0..1000: -0.1",
                "TEXT mem_utilization=1.5 | load report's memUtilization must be 0..1: 1.5",
                "TEXT rps_fractional=-1 | load report's qps must be 0..1000000000: -1.0",
                "TEXT utilization.disk=1.5 | load report's utilization of \"disk\" must be 0..1: 1.5",
                "TEXT request_cost.rows=-1 | load report's request_cost of \"rows\" must be 0 or more: -1.0",
                "TEXT eps=1,eps=1 | load report must have each name once: \"eps\"",
                "TEXT eps | load report must have entries name=value: \"eps\"",
                "TEXT | load report must have entries name=value: \"\"",
                "TEXT eps=1,, | load report must have entries name=value: \"\"",
                "JSON [] | load report must be a JSON object: \"[]\"",
                "JSON | load report must be a JSON object: \"\"",
                "JSON {} {} | load report must end with its JSON object: \"{} {}\"",
                "JSON {\"eps\": NaN} | load report must be well-formed JSON: \"{\"eps\": NaN}\"",
                "JSON {\"eps\": \"NaN\"} | load report's \"eps\" must be a number: \"NaN\"",
                "JSON {\"eps\": -1} | load report's eps must be 0..1000000000: -1.0",
                "JSON {\"eps\": {}} | load report's \"eps\" must be a number",
                "JSON {\"eps\": true} | load report's \"eps\" must be a number",
                "JSON {\"eps\": 1, \"eps\": 1} | load report must be well-formed JSON: \"{\"eps\": 1, \"eps\": 1}\"",
                "JSON {\"named_metrics\": 1} | load report's \"named_metrics\" must be an object",
                "JSON {\"named_metrics\": {\"a\": null}} | load report's \"named_metrics.a\" must be a number",
                "JSON {\"eps\": 1 | load report must be well-formed JSON: \"{\"eps\": 1\"",
                "BIN !!! | load report must be base64: \"!!!\"",
                "BIN CQ== | load report must be a Protocol Buffers message: it has an end in the middle of a field",
                "XML <a/> | load report must begin with JSON, TEXT or BIN: \"XML\"",
                "'' | load report must begin with JSON, TEXT or BIN: \"\"",
            })
    void hostileReport_isRefused_sayingWhy(String value, String message) {
        assertThatThrownBy(() -> OrcaReports.parse(value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "09000000000000f87f", // NaN
                "09000000000000f0ff", // -Infinity
                "11000000000000f83f", // memory 1.5
                "18ffffffffffffffffff01", // rps 2^64 - 1
                "18ffffffffffffffffffff", // a varint without an end
                "7affffffff0f", // a length of 4 GB
                "2a02", // an entry that ends too early
                "2a100a05746f74616c110000000000000040", // utilization.total 2
                "420b0a00110000000000000040", // a metric without a name
                "42050a03fffefd", // a name that is not UTF-8
                "00", // field 0
                "0b", // a group
                "7e", // wire type 6
                "80808080800109", // field number beyond 2^29
            })
    void hostileMessage_isRefused(String hex) {
        assertThatThrownBy(() -> OrcaReports.parseBinary(HexFormat.of().parseHex(hex)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("load report");
    }

    @Test
    void hugeReport_isRefusedUnread() {
        assertThatThrownBy(() -> OrcaReports.parse("TEXT " + "a=1,".repeat(10_000)))
                .hasMessage("load report must have at most 8192 characters: it has 40005");
        assertThatThrownBy(() -> OrcaReports.parseBinary(new byte[8_193]))
                .hasMessage("load report must have at most 8192 bytes: it has 8193");
        String many = String.join(
                ",",
                IntStream.range(0, 65)
                        .mapToObj(i -> "named_metrics.m" + i + "=1")
                        .toList());
        assertThatThrownBy(() -> OrcaReports.parseText(many))
                .hasMessage("load report must have at most 64 metrics: it has 65");
    }

    @Test
    void deepJson_isRefused() {
        assertThatThrownBy(() -> OrcaReports.parseJson("{\"x\":" + "[".repeat(4_000) + "]".repeat(4_000) + "}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("load report must be well-formed JSON: ");
    }

    @Test
    void message_neverQuotesControlCharacters() {
        assertThatThrownBy(() -> OrcaReports.parse("TEXT a\r\nSet-Cookie: x=y\u0000"))
                .hasMessage("load report's \"a\uFFFD\uFFFDSet-Cookie\" must be a number: \"x=y\"");
    }

    @Test
    void randomDamage_isReadOrRefused_nothingElse() {
        damage(30_000);
    }

    @Test
    @Tag("long")
    @Tag("mutations")
    void randomDamage_aMillionTimes_isReadOrRefused_nothingElse() {
        damage(Integer.getInteger("evenkeel.mutations", 1_000_000));
    }

    private static void damage(int reports) {
        Random random = new Random(31);
        byte[] message = HexFormat.of().parseHex(BINARY);
        byte[] text = "cpu_utilization=0.7,named_metrics.foo=123,eps=2".getBytes(StandardCharsets.UTF_8);
        byte[] json = "{\"cpu_utilization\": 0.7, \"named_metrics\": {\"foo\": 1e3}}".getBytes(StandardCharsets.UTF_8);
        List<Consumer<byte[]>> parsers = List.of(
                OrcaReports::parseBinary,
                bytes -> OrcaReports.parseText(new String(bytes, StandardCharsets.ISO_8859_1)),
                bytes -> OrcaReports.parseJson(new String(bytes, StandardCharsets.ISO_8859_1)));
        List<byte[]> originals = List.of(message, text, json);
        int refused = 0;
        for (int i = 0; i < reports; i++) {
            byte[] original = originals.get(i % 3);
            byte[] damaged = Arrays.copyOf(original, random.nextInt(original.length + 8));
            for (int damage = random.nextInt(4); damage > 0 && damaged.length > 0; damage--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            try {
                parsers.get(i % 3).accept(damaged);
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).startsWith("load report").hasSizeLessThan(300);
                refused++;
            }
        }
        assertThat(refused).isBetween(reports / 3, reports - 1);
    }
}
