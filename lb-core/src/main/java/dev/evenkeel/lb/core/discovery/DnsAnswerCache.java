package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.spi.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.SRVRecord;
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

    /** How long a round may ask; questions that are left are asked in the next round. */
    static final Duration MAX_ROUND = Duration.ofSeconds(5);
    /** When a question that failed is asked again at the latest. */
    private static final Duration MAX_RETRY = Duration.ofSeconds(30);

    private final DnsTransport nameservers;
    private final TimeSource timeSource;
    private final Duration longest;

    private Map<Question, Answer> known = new HashMap<>();
    private Map<Question, Answer> used = new HashMap<>();
    private Map<Name, Failed> failedBefore = new HashMap<>();
    private Map<Name, Failed> failed = new HashMap<>();
    private @Nullable IOException failure;
    private long roundNanos;
    private long failures;
    private boolean cutShort;

    DnsAnswerCache(DnsTransport nameservers, TimeSource timeSource, Duration longest) {
        this.nameservers = nameservers;
        this.timeSource = timeSource;
        this.longest = longest;
    }

    private record Question(Name name, int type) {}

    /** The last question about a name without an answer. */
    private record Failed(long number, IOException cause) {}

    /**
     * One answer.
     *
     * @param exists whether the name exists
     * @param records of the type that was asked for
     */
    record Answer(boolean exists, List<Record> records, long untilNanos) {}

    /** A question that a round has had no time for. */
    private static final class UnaskedException extends IOException {
        private static final long serialVersionUID = 1L;

        UnaskedException() {
            super("some names have not been asked for yet, since a round of questions may take " + MAX_ROUND);
        }
    }

    /** Begins a round of questions. */
    void begin() {
        used = new HashMap<>();
        failed = new HashMap<>();
        failure = null;
        cutShort = false;
        roundNanos = timeSource.nanoTime();
    }

    /** Ends the round. Returns when the first of its answers expires. */
    long end() {
        known = used;
        failedBefore = failed;
        if (cutShort) {
            return 0;
        }
        long now = timeSource.nanoTime();
        long leastNanos = failed.isEmpty() ? longest.toNanos() : Math.min(longest.toNanos(), MAX_RETRY.toNanos());
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

    /** Whether questions that have never been asked are left for the next round. */
    boolean isCutShort() {
        return cutShort;
    }

    /** Which question about a host has failed last, by its number; 0 if none has in the last round. */
    long lastFailure(Name host) {
        Failed last = failedBefore.get(host);
        return last == null ? 0 : last.number;
    }

    /** Returns a cached answer that has not expired, or asks. */
    Answer get(Name name, int type) throws IOException {
        Question question = new Question(name, type);
        Answer before = known.get(question);
        Answer answer = before;
        if (before == null || before.untilNanos - timeSource.nanoTime() <= 0) {
            try {
                answer = ask(name, type);
            } catch (UnaskedException e) {
                if (before == null) {
                    throw left(name, e);
                }
            } catch (IOException e) {
                failed.putIfAbsent(name, new Failed(++failures, e));
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

    /** What there is to say of a question that is left: how it failed in an earlier round, or that it is left. */
    private IOException left(Name name, UnaskedException unasked) {
        Failed before = failedBefore.get(name);
        if (before == null) {
            cutShort = true;
            return unasked;
        }
        failed.putIfAbsent(name, before);
        return before.cause;
    }

    private Message query(Name name, int type) throws IOException {
        if (timeSource.nanoTime() - roundNanos >= MAX_ROUND.toNanos()) {
            throw new UnaskedException();
        }
        return nameservers.ask(name, type);
    }

    private Answer ask(Name name, int type) throws IOException {
        Name at = name;
        long ttlSeconds = longest.toSeconds() + 1;
        for (int aliases = 0; aliases <= MAX_ALIASES; ) {
            Message message = query(at, type);
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
                ttlSeconds = Math.min(ttlSeconds, leastTtl(records));
                learnAdditional(records, message);
                return new Answer(true, records, until(ttlSeconds));
            }
            // The server follows aliases in its own zone only, or stopped half-way: the alias's target has to be asked
            // for.
            if (!moved || message.getRcode() == Rcode.NXDOMAIN || soa(message) != null) {
                ttlSeconds = Math.min(ttlSeconds, negativeTtl(message));
                return new Answer(message.getRcode() != Rcode.NXDOMAIN, List.of(), until(ttlSeconds));
            }
        }
        throw new IOException("DNS has more than " + MAX_ALIASES + " aliases for " + name);
    }

    /**
     * Takes the addresses of services that came with them as answers of their own: each set of records has its own time
     * to live (RFC 2181, section 5.2). An answer to a question counts more than what comes along (section 5.4.1).
     */
    private void learnAdditional(List<Record> services, Message message) {
        Set<Name> targets = new HashSet<>();
        for (Record record : services) {
            if (record instanceof SRVRecord service) {
                targets.add(service.getTarget());
            }
        }
        Map<Question, List<Record>> along = new HashMap<>();
        for (Record record : message.getSection(Section.ADDITIONAL)) {
            boolean isAddress = record instanceof ARecord || record instanceof AAAARecord;
            if (isAddress && targets.contains(record.getName())) {
                along.computeIfAbsent(new Question(record.getName(), record.getType()), question -> new ArrayList<>())
                        .add(record);
            }
        }
        along.forEach((question, records) -> {
            Answer before = known.get(question);
            if (before == null || before.untilNanos - timeSource.nanoTime() <= 0) {
                known.put(question, new Answer(true, records, until(leastTtl(records))));
            }
        });
    }

    private static long leastTtl(List<Record> records) {
        return records.stream().mapToLong(DnsAnswerCache::ttl).min().orElse(0);
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
