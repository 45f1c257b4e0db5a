package dev.evenkeel.lb.okhttp.internal.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.okhttp.affinity.ClientAddress;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import okhttp3.CookieJar;
import okhttp3.Headers;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Values of headers with characters that are changed, cut off, doubled or put in: each is read or ignored. */
class HeaderMutationsTest {
    private static final long SEED = 20_261_130;
    private static final List<String> VALUES = List.of(
            "203.0.113.7, 10.0.0.1",
            "for=\"[2001:db8::1]:4711\";proto=https;by=203.0.113.43, for=10.0.0.1",
            "[2001:db8::17]:8080",
            "120",
            "Fri, 31 Dec 2027 23:59:59 GMT",
            "session=\"abc%20d\"; other=x; session=y",
            "TEXT cpu_utilization=0.3, named_metrics.queue=3",
            "14");
    private static final String LETTERS = "0123456789abcdefx:.,;=\"'[]%- \t()\\/é\u0661";

    private int addresses;
    private int waits;

    @Test
    @Timeout(120)
    void mutatedValues_areReadOrIgnored() {
        mutate(50_000);
    }

    @Test
    @Tag("long")
    @Tag("mutations")
    @Timeout(1_800)
    void aMillionMutatedValues_areReadOrIgnored() {
        mutate(Integer.getInteger("evenkeel.mutations", 1_000_000));
    }

    private void mutate(int values) {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < values; i++) {
            String value = mutated(VALUES.get(i % VALUES.size()), random);
            try {
                read(value);
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError("value " + i + ": " + value, e);
            }
        }
        assertThat(addresses).isGreaterThan(values / 20);
        assertThat(waits).isGreaterThan(values / 50);
    }

    private void read(String value) {
        Headers headers = new Headers.Builder()
                .addUnsafeNonAscii("X-Forwarded-For", value)
                .addUnsafeNonAscii("Forwarded", value)
                .addUnsafeNonAscii("Cookie", value)
                .addUnsafeNonAscii("Retry-After", value)
                .addUnsafeNonAscii("grpc-status", value)
                .build();
        Request request =
                new Request.Builder().url("http://users/").headers(headers).build();
        for (ClientAddress source : List.of(ClientAddress.forwardedFor(), ClientAddress.forwarded())) {
            InetAddress address = source.of(request);
            if (address != null) {
                // Looked up nowhere: it has no name.
                assertThat(address.toString()).startsWith("/");
                addresses++;
            }
        }
        String cookie = Cookies.value(request, CookieJar.NO_COOKIES, "session");
        assertThat(cookie == null || value.contains(cookie)).isTrue();
        Duration wait = BackendFeedback.retryAfter(headers);
        if (wait != null) {
            assertThat(wait).isPositive();
            waits++;
        }
        Response response = new Response.Builder()
                .request(request)
                .protocol(Protocol.HTTP_2)
                .code(200)
                .message("")
                .headers(headers)
                .build();
        assertThat(GrpcStatus.outcome(response, headers)).isNotNull();
    }

    private static String mutated(String value, SplittableRandom random) {
        StringBuilder text = new StringBuilder(value);
        for (int changes = random.nextInt(4); changes > 0; changes--) {
            int at = random.nextInt(text.length() + 1);
            char letter = LETTERS.charAt(random.nextInt(LETTERS.length()));
            switch (random.nextInt(4)) {
                case 0 -> text.insert(at, letter);
                case 1 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(5)));
                case 2 -> text.insert(at, text.substring(at).repeat(1 + random.nextInt(3)));
                default -> text.insert(at, String.valueOf(letter).repeat(random.nextInt(50)));
            }
        }
        return text.toString();
    }
}
