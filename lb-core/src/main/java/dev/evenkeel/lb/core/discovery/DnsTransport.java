package dev.evenkeel.lb.core.discovery;

import java.io.Closeable;
import java.io.IOException;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;

/** Sends a question to a name server. One question at a time. */
interface DnsTransport extends Closeable {

    /**
     * Asks, and waits for the answer.
     *
     * @return a message that states the records, or that there are none
     * @throws IOException if no server gives one
     */
    Message ask(Name name, int type) throws IOException;

    /** Ends the question that is under way, too. */
    @Override
    void close();
}
