package dev.evenkeel.lb.okhttp.discovery;

import dev.evenkeel.lb.spi.BackendDiscovery;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import okhttp3.OkHttpClient;

/** A registry in the test's own process, which speaks the protocol of one that exists. */
abstract class FakeRegistry implements AutoCloseable {
    private static final String BLANKS = " ".repeat(1 << 16);

    final LoopbackServer server;
    /** What the list amounted to after each change, if there are not too many. */
    final List<Set<String>> states = new ArrayList<>(List.of(Set.of()));
    /** Whether every answer is blanks without an end. */
    volatile boolean endless;
    /** Sent instead of every answer, if not null. */
    volatile String garbage;

    FakeRegistry() throws IOException {
        server = new LoopbackServer((request, answer) -> {
            String text = garbage;
            if (endless) {
                answer.open(garbageHeaders());
                while (true) {
                    answer.send(BLANKS);
                }
            } else if (text != null) {
                answer.whole(200, text, garbageHeaders());
            } else {
                answer(request, answer);
            }
        });
    }

    String[] garbageHeaders() {
        return new String[0];
    }

    /** The source, with waits so short that a test need not wait for them. */
    abstract BackendDiscovery source(OkHttpClient client);

    /** The source with its default waits. */
    abstract BackendDiscovery patientSource(OkHttpClient client);

    /** Makes this the list. */
    abstract void set(List<Entry> entries);

    /** Forgets what has changed before: whoever is behind must ask for everything again. */
    void compact() {}

    abstract void answer(LoopbackServer.Request request, LoopbackServer.Answer answer)
            throws IOException, InterruptedException;

    @Override
    public void close() throws IOException {
        server.close();
    }
}
