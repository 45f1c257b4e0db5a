package dev.evenkeel.lb.core.discovery;

import java.io.Closeable;
import java.io.IOException;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;

/** Who is asked. One question at a time. */
interface DnsTransport extends Closeable {

    /**
     * Asks, and waits for the answer.
     *
     * @return a message that says what there is, or that there is nothing
     * @throws IOException if no server gives one
     */
    Message ask(Name name, int type) throws IOException;

    /** Ends the question that is under way, too. */
    @Override
    void close();
}
