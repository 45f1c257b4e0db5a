package dev.evenkeel.lb.okhttp;

/** What a backend does to every connection or request. */
enum Fault {
    NONE("works"),
    REFUSED("refuses the connection"),
    CONNECT_TIMEOUT("does not let connect"),
    TLS_FAILURE("has a certificate that is not trusted"),
    RESET_BEFORE_HEADERS("resets before the headers"),
    RESET_IN_HEADERS("resets in mid-headers"),
    RESET_IN_BODY("resets in mid-body"),
    HANG_BEFORE_HEADERS("hangs before the headers"),
    SLOW_LORIS("dribbles its headers"),
    HANG_IN_BODY("hangs in mid-body"),
    STATUS_500("answers 500"),
    STATUS_502("answers 502"),
    STATUS_503("answers 503"),
    STATUS_503_RETRY_AFTER_9("answers 503, `Retry-After: 9`"),
    STATUS_503_RETRY_AFTER_0("answers 503, `Retry-After: 0`"),
    STATUS_429("answers 429"),
    REFUSED_STREAM("answers REFUSED_STREAM"),
    GOAWAY("says GOAWAY, not counting the stream"),
    GOAWAY_COUNTING("says GOAWAY, counting the stream, and closes");

    /** After "the first backend". */
    final String doing;

    Fault(String doing) {
        this.doing = doing;
    }

    boolean isOnlyOfH2() {
        return this == REFUSED_STREAM || this == GOAWAY || this == GOAWAY_COUNTING;
    }

    /** Whether a client notices by nothing but a timeout. */
    boolean isSilence() {
        return this == CONNECT_TIMEOUT || this == HANG_BEFORE_HEADERS || this == SLOW_LORIS || this == HANG_IN_BODY;
    }
}
