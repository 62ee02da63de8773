/*
 * Copyright 2024 the authors.
 */
package com.example.store;

import static com.example.util.Checks.notNull;

import com.example.codec.*;
import com.example.model.Job;
import java.util.List;
import java.util.Map.Entry;

/**
 * Keeps {@link Job jobs} in a file. See the guide.
 *
 * <p>Thread-safe.
 *
 * @param <K> what jobs are found by
 * @since 1.2
 */
@SuppressWarnings("unchecked")
public final class Store<K extends Comparable<K>> extends Base<K> implements AutoCloseable {
    /** Jobs at most. */
    public static final int LIMIT = 1000;
    private static final Logger LOG = Logger.getLogger(Store.class.getName());
    private final List<Job> jobs, done;
    protected volatile boolean open = true;

    static {
        LOG.info("loaded");
    }

    /** Opens a store. */
    public Store(final String path) throws StoreException {
        super(notNull(path));
        this.jobs = new ArrayList<>();
    }

    @Override
    @Deprecated(since = "2")
    public void close() {
        Runnable task = () -> jobs.clear();
        task.run();
    }

    <T> T load(Class<? extends T> type, Entry<K, byte[]>... entries) {
        class Local {
            int inner;
        }
        return new Codec<T>(type) {
            @Override
            T decode(byte[] bytes) {
                return null;
            }
        }.decode(entries[0].getValue());
    }

    private native long map();

    /** What a job is doing. */
    public enum State implements Named {
        WAITING("w"),
        /** At work. */
        RUNNING("r") {
            @Override
            public String label() {
                return "r";
            }
        };

        private final String label;

        State(String label) {
            this.label = label;
        }
    }

    interface Listener {
        int PRIORITY = 1;

        void changed(Job job);

        default void idle() {}
    }

    public record Range(int from, int to) {
        public Range {
            notNull(from);
        }
    }
}

@interface Audited {
    String value() default "";
}
