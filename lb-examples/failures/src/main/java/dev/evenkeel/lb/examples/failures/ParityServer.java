package dev.evenkeel.lb.examples.failures;

import java.util.List;

/** One of the servers of the comparison. It answers at all protocols, at a port for each. */
interface ParityServer extends AutoCloseable {

    int port(ParityProtocol protocol);

    /**
     * The POSTs that it has got.
     *
     * @return their ids, each as often as it has come; complete after {@link #quit}
     */
    List<String> posts();

    /** Ends when its last request has. */
    void quit();

    @Override
    void close();
}
