/** A language of the documentation: the name of its folder in `docs`; English is in `docs` itself. */
export type Language = 'en' | 'ko';

/** What the site itself says, besides the pages. */
export interface Words {
  /** The language in its own words. */
  readonly name: string;
  readonly tagline: string;
  readonly promise: string;
  readonly start: string;
  readonly packages: string;
  readonly search: string;
  readonly searchHint: string;
  readonly nothingFound: string;
  readonly menu: string;
  readonly theme: string;
  readonly onThisPage: string;
  readonly previous: string;
  readonly next: string;
  readonly edit: string;
  readonly copy: string;
  readonly copied: string;
  readonly skip: string;
  readonly pictureOfTrace: string;
}

export const languages: Readonly<Record<Language, Words>> = {
  en: {
    name: 'English',
    tagline: 'Traces, metrics and logs for a Node service, from one call.',
    promise:
      'One identity and one trace id connect all three. Make the call before or after your imports, in ES modules, CommonJS or a bundle. No loader flag is needed.',
    start: 'Get started',
    packages: 'Packages',
    search: 'Search',
    searchHint: 'Search pages, options, metrics and error codes',
    nothingFound: 'Nothing was found.',
    menu: 'Menu',
    theme: 'Light or dark',
    onThisPage: 'On this page',
    previous: 'Previous',
    next: 'Next',
    edit: 'Edit this page',
    copy: 'Copy',
    copied: 'Copied',
    skip: 'Skip to content',
    pictureOfTrace: 'One trace across three services, a cache, Kafka and PostgreSQL, with its log lines',
  },
  ko: {
    name: '한국어',
    tagline: '호출 하나로 Node 서비스의 트레이스, 메트릭, 로그를 모두.',
    promise:
      '세 가지가 같은 서비스 정보와 같은 trace id로 이어집니다. import 앞이든 뒤든, ES 모듈이든 CommonJS든 번들이든 어디서 호출해도 동작하고, 로더 플래그도 필요 없습니다.',
    start: '시작하기',
    packages: '패키지',
    search: '검색',
    searchHint: '문서, 옵션, 메트릭, 오류 코드 검색',
    nothingFound: '검색 결과가 없습니다.',
    menu: '메뉴',
    theme: '밝게 또는 어둡게',
    onThisPage: '이 페이지의 내용',
    previous: '이전',
    next: '다음',
    edit: '이 페이지 수정하기',
    copy: '복사',
    copied: '복사됨',
    skip: '본문으로 건너뛰기',
    pictureOfTrace: '서비스 세 개와 캐시, Kafka, PostgreSQL을 지나는 트레이스 하나와 그 로그',
  },
};

/** The language of a folder of `docs`, if it is one. */
export function languageOf(folder: string): Language | undefined {
  return folder !== 'en' && Object.hasOwn(languages, folder) ? (folder as Language) : undefined;
}
