package dev.evenkeel.lb.okhttp.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.core.internal.document.reader.SecretFiles;
import dev.evenkeel.lb.core.internal.document.schema.ConfigDocument;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.LoadBalancingBuilder;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever stands in a file: it is a document, or a {@link ConfigException}; and it costs no more than it may. */
class DocumentFuzzTest {
    private static final long SEED = 20_261_126;

    /** The largest that one reading may allocate: a text of 1 MiB, some copies of it, and its tree. */
    private static final long MAX_ALLOCATED = 128L << 20;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final OkHttpClient CLIENT = new OkHttpClient();
    private static final ObjectSchema<ClientDefinition> FORM = ClientForm.document(() -> CLIENT);
    private static final byte[] WHOLE = ClientFormTest.WHOLE.getBytes(StandardCharsets.UTF_8);

    /** What breaks parsers. */
    private static final List<String> BITS = List.of(
            "{",
            "}",
            "[",
            "]",
            "\"",
            ":",
            ",",
            "null",
            "true",
            "-1",
            "0",
            "1e999",
            "1e-999999999",
            "123456789012345678901234567890",
            "\"\"",
            "\"${\"",
            "\"${A:${B}}\"",
            "\"${HOME}\"",
            "\"\\r\\nX-Evil: 1\"",
            "\"\\u0000\"",
            "\"9999999999d\"",
            "\"999999999GiB\"",
            "\"0s\"",
            "\"(((((((((\"",
            "\"(a+)+$\"",
            "\"http://[::1\"",
            "\"http://a:99999\"",
            "\"../..\"",
            "\"\uD800\"",
            "[[[[[[[[[[[[[[[[[[[[[[[[[[",
            "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":",
            "\"type\"",
            "\"pools\"",
            "\"name\"");

    private long valid;
    private long refused;
    private long mostAllocated;

    @Test
    @Timeout(120)
    void anyText_isADocumentOrAConfigException() {
        fuzz(3_000);
    }

    @Test
    @Tag("soak")
    @Tag("mutations")
    @Timeout(7_200)
    void aMillionTexts_areDocumentsOrConfigExceptions() {
        fuzz(Integer.getInteger("evenkeel.mutations", 1_000_000));
        System.getLogger("dev.evenkeel.lb")
                .log(
                        System.Logger.Level.INFO,
                        "{0} documents, {1} refused, at most {2} KiB allocated for one",
                        valid,
                        refused,
                        mostAllocated >> 10);
    }

    private void fuzz(int inputs) {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < inputs; i++) {
            byte[] text = switch (i % 4) {
                case 0 -> mutated(random, 1);
                case 1 -> mutated(random, 1 + random.nextInt(20));
                case 2 -> valueReplaced(random);
                default -> random.nextInt(50) == 0 ? large(random) : built(random);
            };
            read(text, i);
        }
        assertThat(valid).isPositive();
        assertThat(refused).isGreaterThan(inputs / 4);
        assertThat(mostAllocated).isLessThan(MAX_ALLOCATED);
    }

    private void read(byte[] text, int number) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            ClientDefinition draft = new ConfigDocument("fuzz", text, null, name -> null, new SecretFiles())
                    .read(FORM)
                    .value();
            LoadBalancingBuilder unused = draft.applyTo(LoadBalancing.builder(), List.of());
            valid++;
        } catch (ConfigException e) {
            refused++;
            assertThat(e.faults()).isNotEmpty().hasSizeLessThanOrEqualTo(100);
            if (e.getMessage().length() > 250_000 || e.getMessage().chars().anyMatch(c -> c == '\r' || c == 0)) {
                throw new AssertionError("a message that is too long or not clean, number " + number);
            }
        } catch (Throwable e) {
            throw new AssertionError(
                    "number " + number + ": "
                            + new String(text, 0, Math.min(20_000, text.length), StandardCharsets.UTF_8),
                    e);
        }
        mostAllocated = Math.max(mostAllocated, THREADS.getCurrentThreadAllocatedBytes() - before);
    }

    /** Some bytes changed, taken away, said twice, or put in. */
    private static byte[] mutated(SplittableRandom random, int changes) {
        byte[] text = WHOLE;
        for (int i = 0; i < changes; i++) {
            int from = random.nextInt(text.length);
            int to = Math.min(text.length, from + 1 + random.nextInt(30));
            ByteArrayOutputStream changed = new ByteArrayOutputStream(text.length + 64);
            changed.write(text, 0, from);
            switch (random.nextInt(5)) {
                case 0 -> changed.write(random.nextInt(256));
                case 1 -> {}
                case 2 -> {
                    changed.write(text, from, to - from);
                    changed.write(text, from, to - from);
                }
                case 3 -> changed.writeBytes(bit(random));
                default -> {
                    int other = random.nextInt(text.length);
                    changed.write(text, other, Math.min(text.length - other, 1 + random.nextInt(30)));
                }
            }
            changed.write(text, to, text.length - to);
            text = changed.size() == 0 ? WHOLE : changed.toByteArray();
        }
        return text;
    }

    private static byte[] bit(SplittableRandom random) {
        return BITS.get(random.nextInt(BITS.size())).getBytes(StandardCharsets.UTF_8);
    }

    /** One string or number is another value: still JSON. */
    private static byte[] valueReplaced(SplittableRandom random) {
        String text = ClientFormTest.WHOLE;
        int colon = text.indexOf(": ", random.nextInt(text.length()));
        if (colon < 0) {
            return mutated(random, 1);
        }
        int end = colon + 2;
        if (text.charAt(end) == '"') {
            end = text.indexOf('"', end + 1) + 1;
        } else {
            while (end < text.length() && Character.isLetterOrDigit(text.charAt(end))) {
                end++;
            }
        }
        String value = BITS.get(random.nextInt(BITS.size()));
        if (random.nextInt(3) == 0) {
            value = Integer.toString(random.nextInt());
        } else if (random.nextInt(3) == 0) {
            value = "\"" + printable(random, random.nextInt(40)) + "\"";
        }
        return (text.substring(0, colon + 2) + value + text.substring(end)).getBytes(StandardCharsets.UTF_8);
    }

    private static String printable(SplittableRandom random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            char c = (char) (32 + random.nextInt(95));
            text.append(c == '"' || c == '\\' ? '_' : c);
        }
        return text.toString();
    }

    /** Of bits alone. */
    private static byte[] built(SplittableRandom random) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        if (random.nextBoolean()) {
            text.writeBytes("{ \"pools\": ".getBytes(StandardCharsets.UTF_8));
        }
        int bits = random.nextInt(40);
        for (int i = 0; i < bits; i++) {
            text.writeBytes(bit(random));
        }
        return text.toByteArray();
    }

    /** A lot of something, up to more than is allowed. */
    private static byte[] large(SplittableRandom random) {
        int size = 1 << (10 + random.nextInt(11));
        return switch (random.nextInt(7)) {
            case 0 -> "[".repeat(size).getBytes(StandardCharsets.UTF_8);
            case 1 -> ("{\"pools\":[{\"name\":\"" + "a".repeat(size) + "\"}]}").getBytes(StandardCharsets.UTF_8);
            case 2 -> ("{\"pools\":" + "9".repeat(size) + "}").getBytes(StandardCharsets.UTF_8);
            case 3 -> ("{\"pools\":[" + "1,".repeat(size / 2) + "1]}").getBytes(StandardCharsets.UTF_8);
            case 4 ->
                ("{\"pools\":[{\"name\":\"a\",\"backends\":[\"http://b\"" + ",\"http://b\"".repeat(size / 12) + "]}]}")
                        .getBytes(StandardCharsets.UTF_8);
            case 5 ->
                ("{\"pools\":[{\"name\":\"a\",\"backends\":[\"http://b\"]}],\"routes\":["
                                + "{\"name\":\"r\",\"path\":\"/" + "x".repeat(Math.min(size, 2_000))
                                + "\",\"to\":\"a\"},".repeat(1)
                                + "{\"name\":\"s\",\"pathRegex\":\"" + "(".repeat(Math.min(size, 5_000))
                                + "\",\"to\":\"a\"}]}")
                        .getBytes(StandardCharsets.UTF_8);
            default -> ("{" + "\"${A:b}\":1,".repeat(size / 12) + "\"z\":1}").getBytes(StandardCharsets.UTF_8);
        };
    }
}
