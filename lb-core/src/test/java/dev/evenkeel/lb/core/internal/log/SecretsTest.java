package dev.evenkeel.lb.core.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
    private final Secrets secrets = new Secrets();

    private static String token(int length) {
        StringBuilder token = new StringBuilder();
        new Random(1).ints(length, 'A', 'z' + 1).forEach(c -> token.append((char) c));
        return token.toString();
    }

    private static int longestOf(String secret, String text) {
        int longest = 0;
        for (int from = 0; from < secret.length(); from++) {
            while (from + longest < secret.length() && text.contains(secret.substring(from, from + longest + 1))) {
                longest++;
            }
        }
        return longest;
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 40, 190, 250, 900, 5_000})
    void secret_longerThanTheCut_isScrubbedBefore(int length) {
        String token = token(length);
        secrets.add(token);

        assertThat(secrets.clean("no rights: Bearer " + token + " here", 200)).isEqualTo("no rights: Bearer … here");
    }

    @Test
    void secret_thatIsCutAnywhere_leavesLessThanEightCharacters() {
        String token = token(300);
        secrets.add(token);

        for (int from = 0; from <= 300; from += 37) {
            for (int to = from; to <= 300; to += 29) {
                String scrubbed = secrets.scrub("x" + token.substring(from, to) + token.substring(0, to) + "x");
                assertThat(longestOf(token, scrubbed)).isLessThan(8);
            }
        }
    }

    @Test
    void shortSecret_isScrubbedAsAWhole() {
        secrets.add("pa55");

        assertThat(secrets.scrub("reader:pa55, pa5")).isEqualTo("reader:…, pa5");
    }

    @Test
    void blankSecret_isNone() {
        secrets.add("");
        secrets.add(" ");

        assertThat(secrets.scrub("a b")).isEqualTo("a b");
    }

    @Test
    void secrets_thatRotate_areRememberedForAWhile() {
        for (int i = 0; i < 100; i++) {
            secrets.add("token-number-" + i);
        }
        assertThat(secrets.scrub("<token-number-99> <another>")).isEqualTo("<…> <another>");
    }

    @Test
    void secrets_thatOverlap_areEachScrubbedAsAWhole() {
        secrets.add("pa55w0rd\"XYZ");
        secrets.add("pa55w0rd\\\"XYZ");
        secrets.add("w0rd");

        assertThat(secrets.scrub("{pa55w0rd\\\"XYZ} {pa55w0rd\"XYZ} {w0rd}")).isEqualTo("{…} {…} {…}");
    }

    @ParameterizedTest
    @CsvSource({
        "http://u:p@h:1, http://…@h:1",
        "'see http://u:p@h, ftp://a@b@c/d@e \"tcp://x:y@z\"', 'see http://…@h, ftp://…@e \"tcp://…@z\"'",
        "'http://h:1 of a@b', 'http://h:1 of a@b'",
        "http://@h, http://@h",
        "://, ://",
    })
    void userInfo_ofEachUri_isScrubbed(String text, String scrubbed) {
        assertThat(Secrets.withoutUserInfo(text)).isEqualTo(scrubbed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\r", "\n", "\0", "\u001B", "\u0085", "\u009B", "\u202E", "\u2066", "\u200E", "\u2028", "\u2029"
            })
    void characterThatMovesText_isReplaced(String character) {
        assertThat(Printable.of("a" + character + "b", 10)).isEqualTo("a\uFFFDb");
    }

    @Test
    void printableText_isTheSameObject() {
        String text = "grün 漢字 😀";

        assertThat(Printable.of(text, 100)).isSameAs(text);
    }

    @Test
    void text_isCutBetweenCharacters() {
        assertThat(Printable.of("ab😀cd", 3)).isEqualTo("ab…");
        assertThat(Printable.of("ab😀cd", 4)).isEqualTo("ab😀…");
        assertThat(Printable.of("a\uD83Db", 9)).isEqualTo("a\uFFFDb");
    }
}
