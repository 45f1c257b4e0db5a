package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.spi.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * Cache of the answers of one watch. Each question is asked again when its answer has expired; if that fails, the old
 * answer stays. Answers that a round of questions does not use are forgotten after it. Not thread-safe.
 */
final class DnsAnswerCache {
    /** The maximum of chained aliases; RFC 1034 leaves the number open. */
    private static final int MAX_ALIASES = 16;

    private static final Duration NOTHING_WITHOUT_SOA = Duration.ofSeconds(5);

    private final DnsTransport nameservers;
    private final TimeSource timeSource;
    private final Duration longest;

    private Map<Question, Answer> known = new HashMap<>();
    private Map<Question, Answer> used = new HashMap<>();
    private @Nullable IOException failure;

    DnsAnswerCache(DnsTransport nameservers, TimeSource timeSource, Duration longest) {
        this.nameservers = nameservers;
        this.timeSource = timeSource;
        this.longest = longest;
    }

    private record Question(Name name, int type) {}

    /**
     * One answer.
     *
     * @param exists whether the name exists
     * @param records of the type that was asked for
     * @param additional the additional records of the message
     */
    record Answer(boolean exists, List<Record> records, List<Record> additional, long untilNanos) {}

    /** Begins a round of questions. */
    void begin() {
        used = new HashMap<>();
        failure = null;
    }

    /** Ends the round. Returns when the first of its answers expires. */
    long end() {
        known = used;
        long now = timeSource.nanoTime();
        long leastNanos = longest.toNanos();
        for (Answer answer : known.values()) {
            leastNanos = Math.min(leastNanos, answer.untilNanos - now);
        }
        return leastNanos;
    }

    /** The failure because of which an expired answer was used; null if there was none. */
    @Nullable
    IOException failure() {
        return failure;
    }

    /** Returns a cached answer that has not expired, or asks. */
    Answer get(Name name, int type) throws IOException {
        Question question = new Question(name, type);
        Answer before = known.get(question);
        Answer answer = before;
        if (before == null || before.untilNanos - timeSource.nanoTime() <= 0) {
            try {
                answer = ask(name, type);
            } catch (IOException e) {
                if (before == null) {
                    throw e;
                }
                failure = e;
            }
        }
        if (answer == null) {
            throw new IOException("no answer for " + name);
        }
        used.put(question, answer);
        return answer;
    }

    private Answer ask(Name name, int type) throws IOException {
        Name at = name;
        long ttlSeconds = longest.toSeconds() + 1;
        for (int aliases = 0; aliases <= MAX_ALIASES; ) {
            Message message = nameservers.ask(at, type);
            boolean moved = false;
            for (CNAMERecord alias = alias(message, at); alias != null; alias = alias(message, at)) {
                at = alias.getTarget();
                ttlSeconds = Math.min(ttlSeconds, ttl(alias));
                moved = true;
                if (++aliases > MAX_ALIASES) {
                    throw new IOException("DNS has more than " + MAX_ALIASES + " aliases for " + name);
                }
            }
            List<Record> records = records(message, at, type);
            if (!records.isEmpty()) {
                for (Record record : records) {
                    ttlSeconds = Math.min(ttlSeconds, ttl(record));
                }
                return new Answer(true, records, message.getSection(Section.ADDITIONAL), until(ttlSeconds));
            }
            // The server follows aliases in its own zone only, or stopped half-way: the alias's target has to be asked
            // for.
            if (!moved || message.getRcode() == Rcode.NXDOMAIN || soa(message) != null) {
                ttlSeconds = Math.min(ttlSeconds, negativeTtl(message));
                return new Answer(message.getRcode() != Rcode.NXDOMAIN, List.of(), List.of(), until(ttlSeconds));
            }
        }
        throw new IOException("DNS has more than " + MAX_ALIASES + " aliases for " + name);
    }

    private static @Nullable CNAMERecord alias(Message message, Name name) {
        for (Record record : message.getSection(Section.ANSWER)) {
            if (record instanceof CNAMERecord alias && alias.getName().equals(name)) {
                return alias;
            }
        }
        return null;
    }

    private static List<Record> records(Message message, Name name, int type) {
        List<Record> records = new ArrayList<>();
        for (Record record : message.getSection(Section.ANSWER)) {
            if (record.getType() == type && record.getName().equals(name)) {
                records.add(record);
            }
        }
        return records;
    }

    /** RFC 2308: the lower of the SOA's own time to live and its last field. */
    private static long negativeTtl(Message message) {
        SOARecord soa = soa(message);
        return soa == null ? NOTHING_WITHOUT_SOA.toSeconds() : Math.min(ttl(soa), soa.getMinimum());
    }

    private static @Nullable SOARecord soa(Message message) {
        for (Record record : message.getSection(Section.AUTHORITY)) {
            if (record.getType() == Type.SOA && record instanceof SOARecord soa) {
                return soa;
            }
        }
        return null;
    }

    /** RFC 2181: a time to live with the highest bit set is 0. */
    private static long ttl(Record record) {
        long ttl = record.getTTL();
        return ttl < 0 || ttl > Integer.MAX_VALUE ? 0 : ttl;
    }

    private long until(long ttlSeconds) {
        Duration ttl = Duration.ofSeconds(ttlSeconds);
        return timeSource.nanoTime() + (ttl.compareTo(longest) > 0 ? longest : ttl).toNanos();
    }
}
