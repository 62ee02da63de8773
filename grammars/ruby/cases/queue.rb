# frozen_string_literal: true

require "json"
require_relative "queue/job"
require_relative '../errors'

# Work that waits to be done.
module Work
  autoload :Runner, "work/runner"

  # Raised when nothing is left.
  class Empty < StandardError; end

  Point = Struct.new(:x, :y) do
    def length
      Math.sqrt(x * x + y * y)
    end
  end

  # Keeps jobs in order of their priority. Not thread-safe.
  #
  # @example
  #   Queue.new
  class Queue < Base::List
    include Enumerable
    LIMIT = 100
    NAMES = %w[first second third].freeze

    attr_reader :name, :size
    attr_accessor :limit # how many
    delegate :each, to: :jobs

    class << self
      # Opens the default queue.
      def default(name = "main", *rest, limit: LIMIT, **options, &block)
        new(name)
      end

      private

      def build
        Runner.new
      end
    end

    def self.load(path)
      JSON.parse(File.read(path))
    end

    def initialize(name)
      @name = name
      super()
    end

    def <<(job)
      push(Job.wrap(job))
    end

    def empty? = @jobs.empty?

    alias_method :add, :<<
    alias size count

    define_method(:clear) { @jobs.clear }

    private def secret
      42
    end

    protected

    def compare(other)
      priority <=> other.priority
    end

    public

    def to_s
      "queue"
    end
  end
end

namespace :jobs do
  desc "Runs what waits"
  task run: :environment do
    Work::Queue.default.each(&:run)
  end
end
