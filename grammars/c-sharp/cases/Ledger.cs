// Licensed to nobody.
using System;
using System.Collections.Generic;
using Acme.Money;
using static Acme.Money.Rounding;
using Entries = System.Collections.Generic.List<Acme.Accounts.Entry>;

#nullable enable

namespace Acme.Accounts
{
    /// <summary>
    /// Keeps <see cref="Entry"/> records in order. Thread-safe.
    /// </summary>
    /// <typeparam name="T">The kind of entry.</typeparam>
    [Serializable]
    public sealed partial class Ledger<T> : IEnumerable<T>, IDisposable
        where T : Entry, new()
    {
        #region state
        private const int Limit = 1_000;
        private static readonly string[] Names = new[] { "first", "second", "third", "fourth" };
        private readonly Entries _entries = new(), _deleted = new();
        #endregion

        public event EventHandler<EntryArgs>? Added;

        /// <summary>Makes an empty ledger.</summary>
        public Ledger(string owner, int capacity = 16)
            : base(owner)
        {
            Owner = owner;
        }

        public string Owner { get; private set; }

        public bool IsEmpty => _entries.Count == 0;

        public T this[int index] => (T)_entries[index];

        [Obsolete("Use Append.")]
        public virtual async Task<bool> AddAsync<TKey>(
            TKey key,
            T entry,
            CancellationToken token = default)
        {
            int Twice(int x) => x * 2;
            await Guard.Against(entry, token);
            return Twice(1) > Round(entry.Amount);
        }

        internal void Clear() => _entries.Clear();

        public static Ledger<T> operator +(Ledger<T> a, Ledger<T> b) => a;

        public static implicit operator bool(Ledger<T> ledger) => true;

        IEnumerator IEnumerable.GetEnumerator() { yield break; }

        ~Ledger() { }

        private enum State : byte
        {
            Open,
            [Description("no more")]
            Closed = 2,
        }
    }

    public record struct Point(int X, int Y);

    public record Person(string Name) : Entry;

    internal static class LedgerExtensions
    {
        public static int Count(this Ledger<Entry> ledger) => 0;
    }

    public interface IStore<in TKey>
    {
        Entry? Find(TKey key);
        int Size { get; }
    }

    public delegate void Changed(object sender, EntryArgs args);
}
