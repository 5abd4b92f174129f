/*
 * A C++ layer over the C library of execfmt: values instead of out-parameters, iterators instead of indices, options
 * that set their own size. C++98 and later, with or without exceptions and RTTI; it allocates nothing, throws nothing,
 * and links nothing but the C library.
 *
 *     const execfmt::Bytes file(bytes, length);
 *     const execfmt::Result<execfmt_noff> program = execfmt::noff::parse(file);
 *     if (!program.ok())
 *         return program.finding.text(buffer, sizeof buffer);
 *
 *     execfmt::aout::Symbols symbols(file);
 *     for (execfmt::aout::Symbols::iterator at = symbols.begin(); at != symbols.end(); ++at)
 *         print(at->name);
 *     if (!symbols.complete())
 *         warn(symbols.status().message());
 *
 * A loop that ends early is reported: `complete` is false and `status` is the reason. Bytes are not copied; they must
 * outlive every object made from them.
 */
#ifndef EXECFMT_HPP
#define EXECFMT_HPP

#include "execfmt.h"

namespace execfmt {

/* A status of the C library. */
class Status {
public:
    Status(execfmt_status number = EXECFMT_OK) : number_(number) {}
    bool ok() const { return number_ == EXECFMT_OK; }
    /* True after the last entry of a table. */
    bool end() const { return number_ == EXECFMT_END; }
    execfmt_status number() const { return number_; }
    /* A sentence, in static memory. */
    const char *message() const { return execfmt_status_message(number_); }

private:
    execfmt_status number_;
};

inline bool operator==(Status left, Status right) { return left.number() == right.number(); }
inline bool operator!=(Status left, Status right) { return left.number() != right.number(); }

/* Bytes owned by the caller. */
struct Bytes {
    const uint8_t *data;
    size_t size;
    Bytes() : data(0), size(0) {}
    Bytes(const void *bytes, size_t length) : data(static_cast<const uint8_t *>(bytes)), size(length) {}
};

/* A finding with the function of its format that describes it in a sentence. */
struct Finding : execfmt_finding {
    typedef size_t (*Writer)(const execfmt_finding *, char *, size_t);
    Finding() : execfmt_finding(), writer(0) {}
    explicit Finding(Writer function) : execfmt_finding(), writer(function) {}
    Finding(const execfmt_finding &finding, Writer function) : execfmt_finding(finding), writer(function) {}
    /* Writes the sentence as snprintf does, and returns its whole length. */
    size_t text(char *buffer, size_t capacity) const
    {
        if (writer != 0)
            return writer(this, buffer, capacity);
        if (buffer != 0 && capacity != 0)
            buffer[0] = '\0';
        return 0;
    }
    bool error() const { return severity == EXECFMT_ERROR; }
    Writer writer;
};

/* The value that a call stores, and its status. The value is all zero unless the status is EXECFMT_OK. */
template <class T> struct Result {
    explicit Result(Finding::Writer writer = 0) : value(), finding(writer) {}
    bool ok() const { return status.ok(); }
    const T *operator->() const { return &value; }
    const T &operator*() const { return value; }
    T value;
    Status status;
    Finding finding;
};

/*
 * A table, entry after entry. `Source` has a type `Item` and a function `Status next(Item &)`, which returns
 * EXECFMT_END after the last one. Can be traversed once.
 */
template <class Source> class Table {
public:
    typedef typename Source::Item Item;
    class iterator {
    public:
        explicit iterator(Table *table) : table_(table) {}
        const Item &operator*() const { return table_->item_; }
        const Item *operator->() const { return &table_->item_; }
        iterator &operator++()
        {
            if (!table_->next())
                table_ = 0;
            return *this;
        }
        bool operator==(const iterator &other) const { return table_ == other.table_; }
        bool operator!=(const iterator &other) const { return table_ != other.table_; }

    private:
        Table *table_;
    };

    explicit Table(const Source &source) : source_(source), item_() {}
    /* Reads the next entry; false after the last one, or if the table is damaged. */
    bool next()
    {
        if (status_.ok())
            status_ = source_.next(item_);
        return status_.ok();
    }
    const Item &item() const { return item_; }
    iterator begin() { return iterator(next() ? this : 0); }
    iterator end() { return iterator(0); }
    /* EXECFMT_END after the last entry; any other status but EXECFMT_OK is the reason for an early end. */
    Status status() const { return status_; }
    bool complete() const { return status_.end(); }

private:
    Source source_;
    Item item_;
    Status status_;
};

namespace detail {

/* A function object, constant or not, as the C library's opaque context pointer. */
template <class T> void *context(T &object)
{
    return const_cast<void *>(static_cast<const void *>(&object));
}

/* Callbacks of the C library that call the caller's function object. */
template <class Hear, Finding::Writer writer> int32_t hear(void *context, const execfmt_finding *finding)
{
    return (*static_cast<Hear *>(context))(Finding(*finding, writer)) ? 0 : 1;
}

template <class Read> uint32_t read(void *context, uint32_t offset, void *destination, uint32_t length)
{
    return (*static_cast<Read *>(context))(offset, destination, length);
}

template <class See> int32_t see(void *context, const execfmt_coyotos_mapping *mapping)
{
    return (*static_cast<See *>(context))(*mapping) ? 0 : 1;
}

/* A struct whose first field is its size, all else 0: the default of every option. */
template <class T> T sized()
{
    T options = T();
    options.size = static_cast<uint32_t>(sizeof options);
    return options;
}

} // namespace detail

/* NOFF, of Nachos. */
namespace noff {

struct Options : execfmt_noff_options {
    Options() : execfmt_noff_options(detail::sized<execfmt_noff_options>()) {}
};
struct CheckOptions : execfmt_noff_check_options {
    CheckOptions() : execfmt_noff_check_options(detail::sized<execfmt_noff_check_options>()) {}
};

inline Result<execfmt_noff> parse(Bytes file, const execfmt_noff_options &options = Options())
{
    Result<execfmt_noff> result(execfmt_noff_finding_message);
    result.status = execfmt_noff_parse(file.data, file.size, &options, &result.value, &result.finding);
    return result;
}

/* From the first EXECFMT_NOFF_MAX_HEADER_SIZE bytes of a file of `length` bytes. */
inline Result<execfmt_noff> parse_header(Bytes prefix, uint32_t length,
                                         const execfmt_noff_options &options = Options())
{
    Result<execfmt_noff> result(execfmt_noff_finding_message);
    result.status =
        execfmt_noff_parse_header(prefix.data, prefix.size, length, &options, &result.value, &result.finding);
    return result;
}

/* Calls `hear(const Finding &)` for each finding until it returns false. */
template <class Hear>
Status check(Bytes file, Hear &hear, const execfmt_noff_check_options &options = CheckOptions())
{
    return execfmt_noff_check(file.data, file.size, &options,
                              detail::hear<Hear, execfmt_noff_finding_message>, detail::context(hear));
}

/* Loads all of it; `read(offset, destination, length)` returns how many bytes it read. */
template <class Read> Status load(const execfmt_noff &program, Read &read, uint8_t *memory, size_t length)
{
    return execfmt_noff_load(&program, detail::read<Read>, detail::context(read), memory, length);
}

template <class Read>
Status load_page(const execfmt_noff &program, Read &read, uint32_t page, uint8_t *frame, uint32_t page_size)
{
    return execfmt_noff_load_page(&program, detail::read<Read>, detail::context(read), page, frame, page_size);
}

inline Result<uint32_t> page_count(const execfmt_noff &program, uint32_t page_size, uint32_t stack_size)
{
    Result<uint32_t> result;
    result.status = execfmt_noff_page_count(&program, page_size, stack_size, &result.value);
    return result;
}

inline Result<uint32_t> stack_pointer(const execfmt_noff &program, uint32_t page_size, uint32_t stack_size)
{
    Result<uint32_t> result;
    result.status = execfmt_noff_stack_pointer(&program, page_size, stack_size, &result.value);
    return result;
}

inline Result<execfmt_noff_page> describe_page(const execfmt_noff &program, uint32_t page, uint32_t page_size)
{
    Result<execfmt_noff_page> result;
    result.status = execfmt_noff_describe_page(&program, page, page_size, &result.value);
    return result;
}

/* The kernels that programs are checked for. */
class ProfileSource {
public:
    typedef execfmt_noff_profile Item;
    ProfileSource() : index_(0) {}
    Status next(Item &item) { return execfmt_noff_profile_at(index_++, &item); }

private:
    uint32_t index_;
};
struct Profiles : Table<ProfileSource> {
    Profiles() : Table<ProfileSource>(ProfileSource()) {}
};

} // namespace noff

/* ELKS and Minix a.out. */
namespace aout {

struct CheckOptions : execfmt_aout_check_options {
    CheckOptions() : execfmt_aout_check_options(detail::sized<execfmt_aout_check_options>()) {}
};
struct ElksOptions : execfmt_elks_options {
    ElksOptions() : execfmt_elks_options(detail::sized<execfmt_elks_options>()) {}
};

inline Result<execfmt_aout> parse(Bytes file)
{
    Result<execfmt_aout> result(execfmt_aout_finding_message);
    result.status = execfmt_aout_parse(file.data, file.size, &result.value, &result.finding);
    return result;
}

inline Result<execfmt_aout> read_header(Bytes prefix)
{
    Result<execfmt_aout> result(execfmt_aout_finding_message);
    result.status = execfmt_aout_read_header(prefix.data, prefix.size, &result.value, &result.finding);
    return result;
}

/* The bytes of a section as stored, compressed or not. */
inline Result<Bytes> section(Bytes file, uint32_t section)
{
    Result<Bytes> result;
    size_t offset = 0, size = 0;
    result.status = execfmt_aout_section(file.data, file.size, section, &offset, &size);
    if (result.ok())
        result.value = Bytes(file.data + offset, size);
    return result;
}

template <class Hear>
Status check(Bytes file, Hear &hear, const execfmt_aout_check_options &options = CheckOptions())
{
    return execfmt_aout_check(file.data, file.size, &options,
                              detail::hear<Hear, execfmt_aout_finding_message>, detail::context(hear));
}

/* The memory layout that execve of ELKS gives a complete file. */
inline Result<execfmt_elks_layout> elks_exec(Bytes file, const execfmt_elks_options &options = ElksOptions())
{
    Result<execfmt_elks_layout> result(execfmt_aout_finding_message);
    result.status = execfmt_aout_elks_exec(file.data, file.size, &options, &result.value, &result.finding);
    return result;
}

class RelocationSource {
public:
    typedef execfmt_aout_relocation Item;
    RelocationSource(Bytes file, uint32_t section) : file_(file), section_(section), index_(0) {}
    Status next(Item &item)
    {
        return execfmt_aout_relocation_at(file_.data, file_.size, section_, index_++, &item);
    }

private:
    Bytes file_;
    uint32_t section_, index_;
};
struct Relocations : Table<RelocationSource> {
    /* `section` is EXECFMT_AOUT_TEXT, EXECFMT_AOUT_FAR_TEXT or EXECFMT_AOUT_DATA. */
    Relocations(Bytes file, uint32_t section) : Table<RelocationSource>(RelocationSource(file, section)) {}
};

class SymbolSource {
public:
    typedef execfmt_aout_symbol Item;
    explicit SymbolSource(Bytes file) : file_(file), cursor_() {}
    Status next(Item &item) { return execfmt_aout_next_symbol(file_.data, file_.size, &cursor_, &item); }

private:
    Bytes file_;
    execfmt_aout_cursor cursor_;
};
struct Symbols : Table<SymbolSource> {
    explicit Symbols(Bytes file) : Table<SymbolSource>(SymbolSource(file)) {}
};

/* Decompresses a section into a buffer of exactly its size. */
inline Status decode(Bytes compressed, uint8_t *section, size_t size, Finding *finding = 0)
{
    if (finding != 0)
        *finding = Finding(execfmt_aout_finding_message);
    return execfmt_aout_decode(compressed.data, compressed.size, section, size, finding);
}

/* The memory that the kernel needs to decompress a section in place. */
inline Result<execfmt_aout_footprint> kernel_limits(Bytes compressed, size_t size)
{
    Result<execfmt_aout_footprint> result(execfmt_aout_finding_message);
    result.status =
        execfmt_aout_check_kernel_limits(compressed.data, compressed.size, size, &result.value, &result.finding);
    return result;
}

} // namespace aout

/* OS/2 NE. */
namespace ne {

struct Options : execfmt_ne_options {
    Options() : execfmt_ne_options(detail::sized<execfmt_ne_options>()) {}
};

inline Result<execfmt_ne> parse(Bytes file)
{
    Result<execfmt_ne> result(execfmt_ne_finding_message);
    result.status = execfmt_ne_parse(file.data, file.size, &result.value, &result.finding);
    return result;
}

template <class Hear>
Status check(Bytes file, Hear &hear, const execfmt_ne_options &options = Options())
{
    return execfmt_ne_check(file.data, file.size, &options,
                            detail::hear<Hear, execfmt_ne_finding_message>, detail::context(hear));
}

inline Result<execfmt_elks_ne_layout> elks_layout(Bytes file, const execfmt_ne_options &options = Options())
{
    Result<execfmt_elks_ne_layout> result(execfmt_ne_finding_message);
    result.status = execfmt_ne_elks_layout(file.data, file.size, &options, &result.value, &result.finding);
    return result;
}

class SegmentSource {
public:
    typedef execfmt_ne_segment Item;
    explicit SegmentSource(Bytes file) : file_(file), number_(1) {}
    Status next(Item &item) { return execfmt_ne_segment_at(file_.data, file_.size, number_++, &item); }

private:
    Bytes file_;
    uint32_t number_;
};
struct Segments : Table<SegmentSource> {
    explicit Segments(Bytes file) : Table<SegmentSource>(SegmentSource(file)) {}
};

class RelocationSource {
public:
    typedef execfmt_ne_relocation Item;
    RelocationSource(Bytes file, uint32_t segment) : file_(file), segment_(segment), index_(0) {}
    Status next(Item &item)
    {
        return execfmt_ne_relocation_at(file_.data, file_.size, segment_, index_++, &item);
    }

private:
    Bytes file_;
    uint32_t segment_, index_;
};
struct Relocations : Table<RelocationSource> {
    /* The segment's number counts from 1. */
    Relocations(Bytes file, uint32_t segment) : Table<RelocationSource>(RelocationSource(file, segment)) {}
};

class NameSource {
public:
    typedef execfmt_ne_name Item;
    NameSource(Bytes file, uint32_t table) : file_(file), cursor_() { cursor_.table = table; }
    Status next(Item &item) { return execfmt_ne_next_name(file_.data, file_.size, &cursor_, &item); }

private:
    Bytes file_;
    execfmt_ne_cursor cursor_;
};
struct Names : Table<NameSource> {
    /* `table` is EXECFMT_NE_RESIDENT_NAMES or EXECFMT_NE_NON_RESIDENT_NAMES. */
    Names(Bytes file, uint32_t table) : Table<NameSource>(NameSource(file, table)) {}
};

} // namespace ne

/* MIPS COFF. */
namespace coff {

struct Options : execfmt_coff_options {
    Options() : execfmt_coff_options(detail::sized<execfmt_coff_options>()) {}
};

inline Result<execfmt_coff> parse(Bytes file)
{
    Result<execfmt_coff> result(execfmt_coff_finding_message);
    result.status = execfmt_coff_parse(file.data, file.size, &result.value, &result.finding);
    return result;
}

template <class Hear>
Status check(Bytes file, Hear &hear, const execfmt_coff_options &options = Options())
{
    return execfmt_coff_check(file.data, file.size, &options,
                              detail::hear<Hear, execfmt_coff_finding_message>, detail::context(hear));
}

class SectionSource {
public:
    typedef execfmt_coff_section Item;
    explicit SectionSource(Bytes file) : file_(file), index_(0) {}
    Status next(Item &item) { return execfmt_coff_section_at(file_.data, file_.size, index_++, &item, 0); }

private:
    Bytes file_;
    uint32_t index_;
};
struct Sections : Table<SectionSource> {
    explicit Sections(Bytes file) : Table<SectionSource>(SectionSource(file)) {}
};

} // namespace coff

/* Coyotos images, read only. */
namespace coyotos {

struct CheckOptions : execfmt_coyotos_check_options {
    CheckOptions() : execfmt_coyotos_check_options(detail::sized<execfmt_coyotos_check_options>()) {}
};

inline Result<execfmt_coyotos_image> open(Bytes file, uint32_t packing = EXECFMT_COYOTOS_AS_WRITTEN)
{
    Result<execfmt_coyotos_image> result(execfmt_coyotos_finding_message);
    result.status = execfmt_coyotos_open(file.data, file.size, packing, &result.value, &result.finding);
    return result;
}

inline Result<execfmt_coyotos_header> header(const execfmt_coyotos_image &image)
{
    Result<execfmt_coyotos_header> result;
    result.status = execfmt_coyotos_read_header(&image, &result.value);
    return result;
}

template <class Hear>
Status check(Bytes file, Hear &hear, const execfmt_coyotos_check_options &options = CheckOptions())
{
    return execfmt_coyotos_check(file.data, file.size, &options,
                                 detail::hear<Hear, execfmt_coyotos_finding_message>, detail::context(hear));
}

/* Calls `see(const execfmt_coyotos_mapping &)` for each mapping, by ascending address, until it returns false. */
template <class See>
Status walk(const execfmt_coyotos_image &image, const execfmt_coyotos_capability &space, uint64_t max_gpts, See &see)
{
    return execfmt_coyotos_walk(&image, &space, max_gpts, detail::see<See>, detail::context(see));
}

inline Result<execfmt_coyotos_capability> capability(const execfmt_coyotos_image &image, uint32_t object_type,
                                                     uint64_t oid, uint32_t slot)
{
    Result<execfmt_coyotos_capability> result;
    result.status = execfmt_coyotos_read_capability(&image, object_type, oid, slot, &result.value);
    return result;
}

/* A table of records that a function of the C library reads by index. */
template <class Record, execfmt_status (*read)(const execfmt_coyotos_image *, uint32_t, Record *)>
class RecordSource {
public:
    typedef Record Item;
    explicit RecordSource(const execfmt_coyotos_image &image) : image_(image), index_(0) {}
    Status next(Item &item) { return read(&image_, index_++, &item); }

private:
    execfmt_coyotos_image image_;
    uint32_t index_;
};

typedef RecordSource<execfmt_coyotos_bank, execfmt_coyotos_read_bank> BankSource;
typedef RecordSource<execfmt_coyotos_alloc, execfmt_coyotos_read_alloc> AllocSource;
typedef RecordSource<execfmt_coyotos_symbol, execfmt_coyotos_read_symbol> SymbolSource;

struct Banks : Table<BankSource> {
    explicit Banks(const execfmt_coyotos_image &image) : Table<BankSource>(BankSource(image)) {}
};
struct Allocs : Table<AllocSource> {
    explicit Allocs(const execfmt_coyotos_image &image) : Table<AllocSource>(AllocSource(image)) {}
};
struct Symbols : Table<SymbolSource> {
    explicit Symbols(const execfmt_coyotos_image &image) : Table<SymbolSource>(SymbolSource(image)) {}
};

} // namespace coyotos

} // namespace execfmt

#endif // EXECFMT_HPP
