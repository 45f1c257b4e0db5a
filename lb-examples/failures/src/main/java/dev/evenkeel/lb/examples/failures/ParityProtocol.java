package dev.evenkeel.lb.examples.failures;

import java.util.List;
import okhttp3.Protocol;

/** The protocol of a call to a server of the comparison. */
enum ParityProtocol {
    H1("h1"),
    H2_TLS("h2 over TLS"),
    H2_PRIOR_KNOWLEDGE("h2 prior knowledge");

    private final String title;

    ParityProtocol(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    String scheme() {
        return this == H2_TLS ? "https" : "http";
    }

    /** What the client is set to. */
    List<Protocol> protocols() {
        return switch (this) {
            case H1 -> List.of(Protocol.HTTP_1_1);
            case H2_TLS -> List.of(Protocol.HTTP_2, Protocol.HTTP_1_1);
            case H2_PRIOR_KNOWLEDGE -> List.of(Protocol.H2_PRIOR_KNOWLEDGE);
        };
    }

    boolean isMultiplexed() {
        return this != H1;
    }
}
