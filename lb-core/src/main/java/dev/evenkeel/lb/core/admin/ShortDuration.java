package dev.evenkeel.lb.core.admin;

import java.time.Duration;

/** A duration as people say it, in one unit: {@code 400 ms}, {@code 7 s}, {@code 2 min}, {@code 5 h}, {@code 3 d}. */
final class ShortDuration {
    private ShortDuration() {}

    static String text(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 1) {
            return duration.toMillis() + " ms";
        }
        if (seconds < 100) {
            return seconds + " s";
        }
        if (seconds < 6_000) {
            return seconds / 60 + " min";
        }
        return seconds < 172_800 ? seconds / 3_600 + " h" : seconds / 86_400 + " d";
    }
}
